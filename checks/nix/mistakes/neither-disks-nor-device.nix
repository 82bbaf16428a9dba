# A filesystem that is nowhere.
{
  imports = [./base.nix];
  services.podmanBtrfs.filesystems.backup.media = "hdd";
}
