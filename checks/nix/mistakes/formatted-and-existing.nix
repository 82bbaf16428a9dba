# A filesystem that is both to be formatted and to be kept.
{
  imports = [./base.nix];
  services.podmanBtrfs.filesystems.tank.disks = ["/dev/disk/by-id/ata-one"];
}
