# A host with what the module maps: an existing filesystem, two containers, one job of each tool.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.tank = {
      device = "/dev/disk/by-uuid/3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11";
      mountPoint = "/srv/tank";
    };

    workloads = {
      shop = {
        containers.shop-db = {};
        containers.shop-web.image = "docker.io/library/caddy:2";
        volumes.pgdata.mounts.shop-db = "/var/lib/postgresql/data";
        protection.policy = "gold";
      };
      notes = {
        # Not an oci-container here, so a quadlet.
        containers.notes.image = "docker.io/library/nginx:1";
        volumes.files.mounts.notes = "/data";
        protection.policy = "silver";
      };
    };

    policies = {
      gold = {
        rpo = "1h";
        keep.hourly = 24;
        targets = ["nas"];
      };
      silver = {
        rpo = "1d";
        keep.daily = 14;
        tool = "snapper";
      };
    };

    targets.nas.url = "ssh://backup@nas/srv/backup";
  };

  virtualisation.oci-containers.containers = {
    shop-db.image = "docker.io/library/postgres:17";
    shop-web.image = "docker.io/library/caddy:2";
  };
}
