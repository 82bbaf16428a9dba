# A home server as a public configuration has it: two rotating disks, one subvolume for all applications.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems = {
      apps = {
        device = "/dev/mapper/data-encrypted";
        media = "hdd";
        capacity = "4T";
        dataProfile = "single";
        encryption = "luks";
        existing = {
          keyFile = "/etc/agenix/hdd-luks-crypt-key";
          mounts = {
            "/data/apps" = {
              subvolume = "@apps";
              options = ["compress-force=zstd:1" "nofail"];
            };
            "/data/fileshare" = {
              subvolume = "@fileshare";
              options = ["compress-force=zstd:1" "noatime" "nofail"];
            };
            "/data/backups" = {
              subvolume = "@backups";
              options = ["compress-force=zstd:1" "noatime" "nofail"];
            };
            "/data/apps-snapshots" = {
              subvolume = "@snapshots";
              options = ["compress-force=zstd:1" "noatime" "nofail"];
            };
          };
        };
      };

      public = {
        device = "/dev/disk/by-partlabel/disk-data-public-data-fileshare";
        media = "hdd";
        capacity = "4T";
        dataProfile = "single";
        existing.mounts."/data/fileshare/public" = {
          subvolume = "@persistent";
          options = ["compress-force=zstd:1" "nofail"];
        };
      };
    };

    engine = {
      filesystem = "apps";
      existing.prune.all = true;
    };

    workloads = {
      homepage = {
        filesystem = "apps";
        containers.homepage.image = "ghcr.io/gethomepage/homepage:latest";
        volumes.config = {
          mounts.homepage = "/app/config";
          existing.path = "/data/apps/homepage-dashboard";
        };
      };

      uptime-kuma = {
        filesystem = "apps";
        containers.uptime-kuma.image = "docker.io/louislam/uptime-kuma:1";
        volumes.data = {
          mounts.uptime-kuma = "/app/data";
          class = "embedded-database";
          engine = "sqlite";
          existing.path = "/data/apps/uptime-kuma";
        };
      };

      # Not containers, and in the same subvolume.
      postgresql = {
        filesystem = "apps";
        volumes.data = {
          class = "database";
          engine = "postgresql";
          engineChecksums = true;
          existing.path = "/data/apps/postgresql/16";
        };
      };
      gitea = {
        filesystem = "apps";
        volumes.data = {
          class = "documents";
          existing.path = "/data/apps/gitea";
        };
      };
      minio = {
        filesystem = "apps";
        volumes.data = {
          class = "objects";
          existing.path = "/data/apps/minio/data";
        };
      };
      sftpgo = {
        filesystem = "apps";
        volumes.data = {
          class = "embedded-database";
          engine = "sqlite";
          existing.path = "/data/apps/sftpgo";
        };
      };
      victoriametrics = {
        filesystem = "apps";
        volumes.data = {
          class = "index";
          existing.path = "/data/apps/victoriametrics";
        };
      };
      grafana = {
        filesystem = "apps";
        volumes.data = {
          class = "embedded-database";
          engine = "sqlite";
          existing.path = "/data/apps/grafana";
        };
      };

      transmission = {
        filesystem = "public";
        volumes.downloads = {
          class = "media";
          existing.path = "/data/fileshare/public/transmission";
        };
      };
    };
  };
}
