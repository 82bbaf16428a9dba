# A number where a size with its unit belongs.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.volumes.pgdata.size = 200;
}
