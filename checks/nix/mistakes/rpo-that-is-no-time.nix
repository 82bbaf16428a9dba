# A time without a unit that is known.
{lib, ...}: {
  imports = [./base.nix];
  services.podmanBtrfs.policies.gold.rpo = lib.mkForce "fifteen minutes";
}
