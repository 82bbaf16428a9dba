# A target that is not declared.
{
  imports = [./base.nix];
  services.podmanBtrfs.policies.gold.targets = ["cloud"];
}
