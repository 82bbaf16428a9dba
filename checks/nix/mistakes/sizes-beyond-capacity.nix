# More data than the disk can hold.
{
  imports = [./base.nix];
  services.podmanBtrfs = {
    filesystems.tank.capacity = "1T";
    workloads.shop.volumes.pgdata.size = "2T";
  };
}
