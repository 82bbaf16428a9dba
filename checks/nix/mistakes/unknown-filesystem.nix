# A volume on a filesystem that is not declared, below mkIf and mkMerge.
{lib, ...}: {
  imports = [./base.nix];
  services.podmanBtrfs = lib.mkMerge [
    (lib.mkIf true {
      workloads.shop.volumes.pgdata.filesystem = "tnak";
    })
  ];
}
