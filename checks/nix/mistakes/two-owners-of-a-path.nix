# Two volumes at one path of one container.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.volumes.second.mounts.shop-db = "/var/lib/postgresql/data";
}
