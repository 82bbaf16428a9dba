# The rest of the system. A host that has a configuration keeps it: of this file, take the containers.
{config, ...}: let
  inherit (config.services.podmanBtrfs) containerVolumes;
in {
  networking.hostName = "existing-host";
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "25.11";

  # EDIT 2: your host's own, in place of these two: `imports = [./hardware-configuration.nix ./configuration.nix];`
  boot.loader.systemd-boot.enable = true;
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };

  virtualisation.oci-containers.containers = {
    cloud-web = {
      image = "docker.io/library/nextcloud:31";
      volumes = containerVolumes.cloud-web;
      environment.NEXTCLOUD_DATA_DIR = "/data";
      environmentFiles = ["/etc/secrets/cloud"];
      ports = ["8080:80"];
      dependsOn = ["cloud-db"];
    };
    cloud-db = {
      image = "docker.io/library/mariadb:11";
      volumes = containerVolumes.cloud-db;
      environmentFiles = ["/etc/secrets/cloud"];
    };
  };
}
