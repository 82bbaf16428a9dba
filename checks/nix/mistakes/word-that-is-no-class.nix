# A class that is not known.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.volumes.pgdata.class = "postgres";
}
