# An option that does not exist, inside a volume.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.volumes.pgdata.copyOnWrites = false;
}
