# A swap file where none can be.
{
  imports = [./base.nix];
  services.podmanBtrfs.filesystems.fast = {
    disks = ["/dev/disk/by-id/nvme-one" "/dev/disk/by-id/nvme-two"];
    swap = "8G";
  };
}
