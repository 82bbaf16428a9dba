# A new host: disko's module, where it is there, gets the disks.
{
  services.podmanBtrfs = {
    enable = true;
    filesystems.tank.disks = ["/dev/disk/by-id/nvme-a"];
    workloads.shop = {
      containers.shop-db.image = "docker.io/library/postgres:17";
      volumes.pgdata.mounts.shop-db = "/var/lib/postgresql/data";
    };
  };
}
