# Two files that say different things of one option.
{
  imports = [./base.nix];
  services.podmanBtrfs.policies.gold.rpo = "15min";
}
