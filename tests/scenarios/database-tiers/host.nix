# One SSD, and every way to hold what is overwritten at random.
{
  services.podmanBtrfs = {
    enable = true;

    host.kernel = "6.12";

    filesystems.data = {
      disks = ["/dev/disk/by-id/ata-Samsung_SSD_870_EVO_4TB_S6BCNJ0T200002"];
      media = "ssd";
      capacity = "4T";
    };

    workloads = {
      # A snapshot every quarter of an hour is worth more than speed.
      ledger = {
        containers.ledger-db.image = "docker.io/library/postgres:17";
        volumes.pgdata = {
          mounts.ledger-db = "/var/lib/postgresql/data";
          size = "80G";
          churn = "40G/day";
        };
        protection.policy = "quarter-hour";
      };

      # The dump tier: what is snapshotted is the dump, and the data files are fast.
      tracking = {
        containers.tracking-db.image = "docker.io/library/postgres:17";
        volumes = {
          pgdata = {
            mounts.tracking-db = "/var/lib/postgresql/data";
            # `SHOW data_checksums` says on.
            engineChecksums = true;
            snapshot = false;
            size = "300G";
            churn = "500G/day";
          };
          dumps = {
            mounts.tracking-db = "/dumps";
            class = "documents";
            size = "60G";
          };
        };
        protection.policy = "nightly";
        protection.dumps.tracking-db.into = "dumps";
      };

      # Measured values that may be lost, in engines that check their own pages.
      samples = {
        containers = {
          samples-db.image = "docker.io/library/mariadb:11";
          samples-docs.image = "docker.io/library/mongo:8";
        };
        volumes = {
          tables = {
            mounts.samples-db = "/var/lib/mysql";
            snapshot = false;
          };
          documents = {
            mounts.samples-docs = "/data/db";
            snapshot = false;
          };
        };
      };

      bookmarks = {
        containers.bookmarks-app.image = "docker.io/sissbruecker/linkding:1.41.0";
        volumes.data.mounts.bookmarks-app = "/etc/linkding/data";
        protection.policy = "nightly";
      };

      machines = {
        volumes.images = {
          class = "vm-image";
          size = "500G";
        };
      };
    };

    policies = {
      quarter-hour = {
        rpo = "15min";
        keep = {
          hourly = 24;
          daily = 7;
        };
      };
      nightly = {
        rpo = "1d";
        keep.daily = 14;
      };
    };
  };
}
