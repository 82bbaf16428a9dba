# The rest of the system: how it starts, who may log in, and what the containers are besides what they store.
{config, ...}: let
  inherit (config.services.podmanBtrfs) containerVolumes;
in {
  networking.hostName = "ci-builder";
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "25.11";

  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;

  services.openssh.enable = true;
  # EDIT 2: who may log in.
  users.users.root.openssh.authorizedKeys.keys = ["ssh-ed25519 AAAA… you@laptop"];

  virtualisation.oci-containers.containers = {
    # What it talks to as Docker is root's Podman.
    ci-runner = {
      image = "docker.io/gitea/act_runner:0.2.12";
      volumes = containerVolumes.ci-runner ++ ["/run/podman/podman.sock:/var/run/docker.sock"];
      # EDIT 3: the forge that jobs come from. The file says GITEA_RUNNER_REGISTRATION_TOKEN=…
      environment.GITEA_INSTANCE_URL = "https://git.example.org";
      environmentFiles = ["/etc/secrets/ci-runner"];
    };
    ci-builder = {
      image = "quay.io/buildah/stable:v1.41";
      volumes = containerVolumes.ci-builder;
      cmd = ["sleep" "infinity"];
      extraOptions = ["--device=/dev/fuse"];
    };
  };
}
