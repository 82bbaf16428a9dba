# Two overrides that exclude each other.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.volumes.pgdata = {
    copyOnWrite = false;
    compression = "zstd";
  };
}
