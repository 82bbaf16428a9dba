# The rest of the system: how it starts, who may log in, and what the containers are besides what they store.
{config, ...}: let
  inherit (config.services.podmanBtrfs) containerVolumes;
in {
  networking.hostName = "ephemeral-root";
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "25.11";

  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;

  services.openssh.enable = true;
  # EDIT 2: who may log in.
  users.users.root.openssh.authorizedKeys.keys = ["ssh-ed25519 AAAA… you@laptop"];

  # What the host is known by and must not forget. Containers' volumes and Podman's stores lie beside the root already.
  environment.etc."machine-id".source = "/persist/etc/machine-id";
  services.openssh.hostKeys = [
    {
      type = "ed25519";
      path = "/persist/etc/ssh/ssh_host_ed25519_key";
    }
  ];
  # No password is kept: they would be in /etc.
  users.mutableUsers = false;

  fileSystems = let
    kept = directory: {
      device = "/persist${directory}";
      fsType = "none";
      options = ["bind"];
    };
  in {
    # It must be there before users are made.
    "/var/lib/nixos" = kept "/var/lib/nixos" // {neededForBoot = true;};
    "/var/lib/systemd" = kept "/var/lib/systemd";
    "/var/lib/podman-btrfs" = kept "/var/lib/podman-btrfs";
    # EDIT 3: what else your services keep below /var/lib, one line each.
    "/var/lib/tailscale" = kept "/var/lib/tailscale";
  };

  users.users.ci = {
    isNormalUser = true;
    uid = 1000;
    linger = true;
  };

  virtualisation.oci-containers.containers = {
    forgejo = {
      image = "codeberg.org/forgejo/forgejo:9";
      volumes = containerVolumes.forgejo;
      ports = ["3000:3000" "2222:22"];
    };
    runner = {
      image = "code.forgejo.org/forgejo/runner:6.0.1";
      podman.user = "ci";
      volumes = containerVolumes.runner;
      cmd = ["forgejo-runner" "daemon"];
    };
  };
}
