# A server with two disks: a shop with its database, a media library, copies to another machine.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.tank = {
      # EDIT 1: the disks, and the size of one.
      disks = [
        "/dev/disk/by-id/nvme-WD_BLACK_SN850X_4000GB_22120A800111"
        "/dev/disk/by-id/nvme-WD_BLACK_SN850X_4000GB_22120A800222"
      ];
      dataProfile = "raid1";
      media = "nvme";
      capacity = "4T";
      encryption = "luks";
      system = true;
      mountPoint = "/srv/tank";
    };

    workloads = {
      shop = {
        containers = {
          shop-web.image = "docker.io/library/nginx:1.29";
          shop-db.image = "docker.io/library/postgres:17";
          shop-cache.image = "docker.io/library/redis:8";
        };
        volumes = {
          pgdata = {
            mounts.shop-db = "/var/lib/postgresql/data";
            size = "200G";
            growth = "1G/day";
            churn = "2G/day";
          };
          uploads.mounts.shop-web = "/usr/share/nginx/html";
          pages = {
            mounts.shop-web = "/var/cache/nginx";
            limit = "20G";
          };
          sessions.mounts.shop-cache = "/data";
        };
        protection = {
          policy = "gold";
          consistency = "crash";
        };
      };

      media = {
        containers.jellyfin.image = "docker.io/jellyfin/jellyfin:10.10";
        volumes = {
          library = {
            mounts.jellyfin = "/media";
            size = "2T";
          };
          settings.mounts.jellyfin = "/config";
          transcodes.mounts.jellyfin = "/cache";
        };
        protection.policy = "silver";
      };
    };

    policies = {
      gold = {
        rpo = "15min";
        keep = {
          hourly = 24;
          daily = 14;
          weekly = 8;
          monthly = 12;
          yearly = 2;
        };
        targets = ["nas"];
      };
      silver = {
        rpo = "1d";
        keep = {
          daily = 14;
          weekly = 8;
        };
        targets = ["nas"];
      };
    };

    targets.nas = {
      # EDIT 3: where copies go: user, host and directory; of a `backup-receiver`, the directory of this source.
      url = "ssh://backup@nas.example.org/srv/backup";
      keep = {
        daily = 30;
        monthly = 24;
      };
    };
  };
}
