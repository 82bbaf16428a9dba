# As `nixos-generate-config` writes it.
{
  fileSystems."/data" = {
    device = "/dev/disk/by-uuid/3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11";
    fsType = "btrfs";
    options = ["subvol=@data" "compress-force=zstd:3"];
  };
}
