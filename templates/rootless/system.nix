# The rest of the system: how it starts, who may log in, and what the containers are besides what they store.
{config, ...}: let
  inherit (config.services.podmanBtrfs) containerVolumes engine;
in {
  networking.hostName = "rootless";
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "25.11";

  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;

  services.openssh.enable = true;
  # EDIT 2: who may log in.
  users.users.root.openssh.authorizedKeys.keys = ["ssh-ed25519 AAAA… you@laptop"];

  # Their containers run without anybody logged in.
  users.users = {
    alice = {
      isNormalUser = true;
      inherit (engine.users.alice) uid;
      linger = true;
    };
    bob = {
      isNormalUser = true;
      inherit (engine.users.bob) uid;
      linger = true;
    };
  };

  virtualisation.oci-containers.containers = {
    notes-web = {
      image = "docker.io/gristlabs/grist:1.5";
      podman.user = "alice";
      volumes = containerVolumes.notes-web;
      ports = ["8484:8484"];
    };
    links-web = {
      image = "docker.io/sissbruecker/linkding:1.41.0";
      podman.user = "bob";
      volumes = containerVolumes.links-web;
      ports = ["9090:9090"];
    };
  };
}
