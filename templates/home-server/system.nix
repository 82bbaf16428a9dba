# The rest of the system: how it starts, who may log in, and what the containers are besides what they store.
{config, ...}: let
  inherit (config.services.podmanBtrfs) containerVolumes;
in {
  networking.hostName = "home-server";
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "25.11";

  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;

  services.openssh.enable = true;
  # EDIT 2: who may log in.
  users.users.root.openssh.authorizedKeys.keys = ["ssh-ed25519 AAAA… you@laptop"];

  virtualisation.oci-containers.containers = {
    photos-web = {
      image = "ghcr.io/immich-app/immich-server:v1.135.3";
      volumes = containerVolumes.photos-web;
      ports = ["2283:2283"];
      dependsOn = ["photos-db"];
    };
    photos-db = {
      image = "docker.io/library/postgres:17";
      volumes = containerVolumes.photos-db;
      environmentFiles = ["/etc/secrets/photos-db"];
    };
    photos-ml = {
      image = "ghcr.io/immich-app/immich-machine-learning:v1.135.3";
      volumes = containerVolumes.photos-ml;
    };
    vaultwarden = {
      image = "docker.io/vaultwarden/server:1.34.1";
      volumes = containerVolumes.vaultwarden;
      ports = ["8080:80"];
    };
    homepage = {
      image = "ghcr.io/gethomepage/homepage:v1.4.0";
      volumes = containerVolumes.homepage;
      ports = ["3000:3000"];
    };
  };
}
