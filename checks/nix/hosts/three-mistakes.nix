# Line and column of each mistake are in cases.nix.
{lib, ...}: {
  imports = [./shop.nix];

  services.podmanBtrfs = lib.mkMerge [
    {
      workloads.shop.volumes.pgdata.filesystem = "elsewhere";
    }
    {
      workloads.shop.protection = {
        policy = lib.mkForce "platinum";
      };
      policies.gold = lib.mkIf true {
        targets = ["cloud"];
      };
    }
  ];
}
