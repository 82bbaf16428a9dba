# One target is encrypted from now on, another one for another key.
{
  filesystems.tank = {
    disks = ["/dev/disk/by-id/a" "/dev/disk/by-id/b"];
    media = "nvme";
  };
  engine.users.alice = {};
  workloads.shop = {
    containers.shop-web.image = "docker.io/library/nginx:1.29";
    containers.shop-db.image = "docker.io/library/postgres:16";
    volumes = {
      pgdata = {
        mounts.shop-db = "/var/lib/postgresql/data";
        limit = "100G";
      };
      uploads = {
        mounts.shop-web = "/uploads";
        class = "documents";
      };
      cache.mounts.shop-web = "/var/cache/nginx";
    };
    protection.policy = "gold";
  };
  workloads.blog = {
    replicas = 2;
    containers.blog.image = "docker.io/library/ghost:5";
    volumes.content = {
      mounts.blog = "/var/lib/ghost/content";
      class = "documents";
    };
    protection.policy = "plain";
  };
  policies.gold = {
    rpo = "1h";
    keep = {
      hourly = 24;
      daily = 14;
    };
    targets = ["cloud" "nas"];
  };
  policies.plain = {
    rpo = "1d";
    keep.daily = 7;
  };
  targets.nas = {
    url = "ssh://backup@nas/srv";
    keep.daily = 30;
    encryption = {
      recipient = "F354F3393C15024224455F3DD10AAF962BB52054";
      keyring = "/etc/podman-btrfs/new.gpg";
    };
  };
  targets.cloud = {
    url = "ssh://shop@cloud/srv/shop";
    encryption = {
      recipient = "F354F3393C15024224455F3DD10AAF962BB52054";
      keyring = "/etc/podman-btrfs/new.gpg";
    };
  };
}
