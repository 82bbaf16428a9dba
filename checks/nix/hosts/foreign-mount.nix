# A mount of the plan's filesystem that the plan does not own. Line and column of its options are in cases.nix.
{lib, ...}: {
  imports = [./shop.nix];

  fileSystems."/data/apps" = {
    device = "/dev/disk/by-uuid/3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11";
    fsType = "btrfs";
    options = lib.mkDefault ["subvol=@apps" "compress-force=zstd:3" "nofail"];
  };
}
