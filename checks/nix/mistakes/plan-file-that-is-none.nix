# A committed plan that is no bundle.
{
  imports = [./base.nix];
  services.podmanBtrfs.planFile = ./plan-file-that-is-none/bundle.json;
}
