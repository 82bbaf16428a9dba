# The rest of the system: how it starts, who may log in, and what the containers are besides what they store.
{
  config,
  lib,
  ...
}: let
  inherit (config.services.podmanBtrfs) containerVolumes engine;
in {
  networking.hostName = "high-density";
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "25.11";

  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;

  services.openssh.enable = true;
  # EDIT 2: who may log in.
  users.users.root.openssh.authorizedKeys.keys = ["ssh-ed25519 AAAA… you@laptop"];

  # Rootless, and nothing of theirs is kept.
  users.users.edge = {
    isNormalUser = true;
    inherit (engine.users.edge) uid;
    linger = true;
  };

  # Each copy has a container of its own: tenant-app, tenant-app-2 and so on.
  virtualisation.oci-containers.containers =
    lib.mapAttrs (
      name: volumes:
        if lib.hasPrefix "tenant-app" name
        then {
          image = "docker.io/vaultwarden/server:1.34.1";
          inherit volumes;
        }
        else {
          image = "ghcr.io/openfaas/of-watchdog:0.10.9";
          podman.user = "edge";
        }
    )
    containerVolumes;
}
