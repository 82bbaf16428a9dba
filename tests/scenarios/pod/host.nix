# What runs in one pod is one workload: restored together, snapshotted at one moment.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.tank = {
      disks = [
        "/dev/disk/by-id/ata-WDC_WD80EFZX_1111"
        "/dev/disk/by-id/ata-WDC_WD80EFZX_2222"
      ];
      media = "hdd";
      capacity = "8T";
    };

    workloads.cloud = {
      pod = "cloud";
      containers = {
        cloud-app.image = "docker.io/library/nextcloud:30-fpm";
        cloud-web.image = "docker.io/library/nginx:1.27";
        cloud-db.image = "docker.io/library/postgres:17";
      };
      volumes = {
        app = {
          mounts = {
            cloud-app = "/var/www/html";
            cloud-web = "/var/www/html";
          };
          class = "documents";
          readOnlyIn = ["cloud-web"];
        };
        files = {
          mounts.cloud-app = "/var/www/html/data";
          class = "documents";
          size = "2T";
        };
        pgdata.mounts.cloud-db = "/var/lib/postgresql/data";
      };
      protection.policy = "quarterly";
    };

    policies.quarterly = {
      rpo = "15min";
      keep = {
        hourly = 24;
        daily = 14;
        monthly = 6;
      };
      targets = ["nas"];
    };

    targets.nas.url = "ssh://backup@nas/srv/backup";
  };
}
