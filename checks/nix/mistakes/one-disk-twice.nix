# One disk in two filesystems.
{
  imports = [./base.nix];
  services.podmanBtrfs.filesystems = {
    one.disks = ["/dev/disk/by-id/ata-one"];
    two.disks = ["/dev/disk/by-id/ata-one"];
  };
}
