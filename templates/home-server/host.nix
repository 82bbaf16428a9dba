# A home server: one SSD for the system, Podman and all data.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.main = {
      # EDIT 1: the disk, and its size.
      disks = ["/dev/disk/by-id/ata-Samsung_SSD_870_EVO_2TB_S6PNNS0T112233"];
      media = "ssd";
      capacity = "2T";
      system = true;
      swap = "8G";
      mountPoint = "/srv/main";
    };

    # EDIT 3: what runs here, and what it stores; system.nix has the containers.
    workloads = {
      photos = {
        containers = {
          photos-web.image = "ghcr.io/immich-app/immich-server:v1.135.3";
          photos-db.image = "docker.io/library/postgres:17";
          photos-ml.image = "ghcr.io/immich-app/immich-machine-learning:v1.135.3";
        };
        volumes = {
          library = {
            mounts.photos-web = "/usr/src/app/upload";
            size = "800G";
            growth = "1G/day";
          };
          pgdata.mounts.photos-db = "/var/lib/postgresql/data";
          models.mounts.photos-ml = "/cache";
        };
        protection.policy = "home";
      };

      passwords = {
        containers.vaultwarden.image = "docker.io/vaultwarden/server:1.34.1";
        volumes.data = {
          mounts.vaultwarden = "/data";
          class = "embedded-database";
          engine = "sqlite";
        };
        protection.policy = "home";
      };

      dashboard = {
        containers.homepage.image = "ghcr.io/gethomepage/homepage:v1.4.0";
        volumes.config.mounts.homepage = "/app/config";
        protection.policy = "home";
      };
    };

    policies.home = {
      rpo = "1h";
      keep = {
        hourly = 24;
        daily = 14;
        weekly = 8;
        monthly = 6;
      };
    };
  };
}
