# Forgejo with a database, and a runner.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.forge = {
      disks = [
        "/dev/disk/by-id/nvme-Samsung_SSD_990_PRO_2TB_S6Z2NJ0W300001"
        "/dev/disk/by-id/nvme-Samsung_SSD_990_PRO_2TB_S6Z2NJ0W300002"
      ];
      media = "nvme";
      capacity = "2T";
      encryption = "luks";
      system = true;
    };

    workloads = {
      forge = {
        containers = {
          forge-web.image = "codeberg.org/forgejo/forgejo:12";
          forge-db.image = "docker.io/library/postgres:17";
        };
        volumes = {
          data = {
            mounts.forge-web = "/var/lib/gitea";
            size = "200G";
            churn = "2G/day";
          };
          conf.mounts.forge-web = "/etc/gitea";
          pgdata = {
            mounts.forge-db = "/var/lib/postgresql/data";
            size = "30G";
            churn = "8G/day";
          };
        };
        protection = {
          policy = "gold";
          consistency = "application";
          hooks.forge-db.freeze = ["psql" "-U" "forge" "-c" "CHECKPOINT"];
        };
      };

      runner = {
        containers.forge-runner.image = "code.forgejo.org/forgejo/runner:9";
        volumes = {
          registration = {
            mounts.forge-runner = "/data";
            class = "configuration";
            snapshot = false;
          };
          work = {
            mounts.forge-runner = "/workspace";
            class = "workspace";
            limit = "300G";
          };
        };
      };
    };

    policies.gold = {
      rpo = "30min";
      keep = {
        hourly = 48;
        daily = 14;
        weekly = 8;
      };
      targets = ["vault"];
    };

    targets.vault = {
      url = "ssh://btrbk@vault.example.org/srv/backup/forge";
      keep = {
        daily = 60;
        monthly = 24;
      };
    };
  };
}
