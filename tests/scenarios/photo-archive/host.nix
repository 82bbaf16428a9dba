# Immich.
{
  services.podmanBtrfs = {
    enable = true;

    host.timeZone = "America/New_York";

    filesystems.photos = {
      disks = [
        "/dev/disk/by-id/ata-WDC_WD80EFPX-68C4ZN0_WD-RD000001"
        "/dev/disk/by-id/ata-WDC_WD80EFPX-68C4ZN0_WD-RD000002"
      ];
      media = "hdd";
      capacity = "8T";
      mountPoint = "/srv/photos";
    };

    workloads.immich = {
      containers = {
        immich-server.image = "ghcr.io/immich-app/immich-server:v1.136.0";
        immich-ml.image = "ghcr.io/immich-app/immich-machine-learning:v1.136.0";
        immich-db.image = "ghcr.io/immich-app/postgres:14-vectorchord0.4.3-pgvectors0.2.0";
        immich-redis.image = "docker.io/valkey/valkey:8";
      };
      volumes = {
        originals = {
          mounts.immich-server = "/usr/src/app/upload";
          size = "3T";
          growth = "2G/day";
        };
        models.mounts.immich-ml = "/cache";
        pgdata = {
          mounts.immich-db = "/var/lib/postgresql/data";
          class = "database";
          engine = "postgresql";
          size = "20G";
          churn = "500M/day";
        };
        jobs = {
          mounts.immich-redis = "/data";
          class = "key-value";
        };
      };
      protection.policy = "family";
    };

    policies.family = {
      rpo = "1d";
      keep = {
        daily = 30;
        monthly = 12;
        yearly = 10;
      };
      targets = ["nas" "drawer"];
    };

    targets = {
      nas.url = "ssh://backup@nas.example.org/volume1/photos";
      drawer = {
        url = "/mnt/drawer/photos";
        keep.monthly = 24;
      };
    };
  };
}
