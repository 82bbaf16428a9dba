# A host with two mirrored disks, for the script of the same name.
{
  first.services.podmanBtrfs = {
    enable = true;
    filesystems.data = {
      device = "/dev/disk/by-label/data";
      mountPoint = "/srv/data";
      dataProfile = "raid1";
      metadataProfile = "raid1";
    };
    workloads.shop = {
      containers.shop-db.image = "docker.io/library/postgres:17";
      volumes.pgdata.mounts.shop-db = "/var/lib/postgresql/data";
    };
  };
}
