# A policy by a name that is nearly right, in a file that mkForce overrides.
{lib, ...}: {
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.protection.policy = lib.mkForce "gould";
}
