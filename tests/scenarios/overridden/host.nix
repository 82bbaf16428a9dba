# An administrator who decides differently, and is told the price.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.tank = {
      disks = ["/dev/disk/by-id/a" "/dev/disk/by-id/b"];
      dataProfile = "raid1";
      metadataProfile = "raid1";
      mountPoint = "/data";
    };

    engine.driver = "btrfs";

    workloads.legacy = {
      renamedFrom = "old-shop";
      containers.legacy-db.image = "docker.io/library/postgres:15";
      volumes = {
        pgdata = {
          mounts.legacy-db = "/var/lib/postgresql/data";
          copyOnWrite = false;
        };
        dumps = {
          mounts.legacy-db = "/dumps";
          class = "documents";
          compression = "zlib";
        };
        wal-archive = {
          mounts.legacy-db = "/archive";
          class = "write-ahead-log";
          limit = "50G";
        };
      };
      protection = {
        policy = "nightly";
        consistency = "none";
        hooks.legacy-db = {
          freeze = ["psql" "-c" "CHECKPOINT"];
          thaw = [];
        };
      };
    };

    policies.nightly = {
      rpo = "1d";
      keep.daily = 30;
      tool = "btrbk";
    };

    rules = {
      PB503.level = "note";
      PB404.level = "warn";
    };
  };
}
