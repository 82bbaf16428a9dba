# A fast and a large filesystem; the video workload lies on both.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems = {
      fast = {
        disks = ["/dev/disk/by-id/nvme-CT2000T700SSD3_2323E6D11111"];
        media = "nvme";
        capacity = "2T";
        system = true;
      };
      bulk = {
        disks = [
          "/dev/disk/by-id/ata-TOSHIBA_MG10ACA20TE_1111"
          "/dev/disk/by-id/ata-TOSHIBA_MG10ACA20TE_2222"
        ];
        media = "hdd";
        capacity = "20T";
      };
    };

    engine.filesystem = "fast";

    workloads = {
      video = {
        filesystem = "fast";
        containers = {
          video-app.image = "docker.io/jellyfin/jellyfin:10.10";
        };
        volumes = {
          settings.mounts.video-app = "/config";
          films = {
            mounts.video-app = "/media";
            filesystem = "bulk";
            size = "12T";
          };
        };
        protection.policy = "daily";
      };

      metrics = {
        filesystem = "fast";
        containers.metrics-db.image = "docker.io/library/mariadb:11";
        # Measured values that may be lost, in a database that is written day and night.
        volumes.samples = {
          mounts.metrics-db = "/var/lib/mysql";
          snapshot = false;
        };
      };
    };

    policies.daily.keep.daily = 14;
  };
}
