# A volume is mounted in a container that the workload does not have.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.volumes.pgdata.mounts.shop-bd = "/var/lib/postgresql/data";
}
