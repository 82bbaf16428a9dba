# A committed plan of a later release.
{
  imports = [./base.nix];
  services.podmanBtrfs.planFile = ./plan-file-of-another-format/bundle.json;
}
