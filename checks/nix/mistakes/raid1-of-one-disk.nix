# A mirror of one disk.
{
  imports = [./base.nix];
  services.podmanBtrfs.filesystems.mirror = {
    disks = ["/dev/disk/by-id/ata-one"];
    dataProfile = "raid1";
  };
}
