# A host without mistakes, which the others import.
{
  services.podmanBtrfs = {
    enable = true;
    filesystems.tank = {
      device = "/dev/disk/by-uuid/3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11";
      mountPoint = "/srv/tank";
    };
    engine.filesystem = "tank";
    workloads.shop = {
      filesystem = "tank";
      containers.shop-web.image = "docker.io/library/caddy:2";
      containers.shop-db.image = "docker.io/library/postgres:17";
      volumes.pgdata.mounts.shop-db = "/var/lib/postgresql/data";
      protection.policy = "gold";
    };
    policies.gold = {
      rpo = "1h";
      keep.hourly = 24;
      targets = ["nas"];
    };
    targets.nas.url = "ssh://backup@nas/srv/backup";
  };
}
