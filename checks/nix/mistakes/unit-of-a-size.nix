# A size with a unit that is none.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.volumes.pgdata.size = "200 GB";
}
