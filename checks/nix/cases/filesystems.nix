# Mounts: each by one side, and none that contradicts the plan.
{
  lib,
  tools,
}:
with tools;
  {
    a-foreign-mount-that-asks-for-something-else-is-refused-with-both-places = let
      messages = failedAssertions (evaluate [../hosts/foreign-mount.nix]);
      message = builtins.head messages;
    in
      expect "number of assertions" (builtins.length messages) 1
      ++ holds "it says what differs: ${message}" (lib.hasInfix "asks for compress-force=zstd:3; the plan's mounts ask for compress=zstd:1" message)
      ++ holds "it names the mount's place: ${message}" (lib.hasInfix "checks/nix/hosts/foreign-mount.nix:8:5)" message)
      ++ holds "it names the filesystem's place: ${message}" (lib.hasInfix "checks/nix/hosts/shop.nix:6:5)" message);

    a-foreign-mount-that-asks-for-the-same-or-is-elsewhere-is-nobodys-business =
      expect "the same, spelt differently"
      (failedAssertions (evaluate [
        ../hosts/foreign-mount.nix
        {fileSystems."/data/apps".options = ["x-systemd.device-timeout=5s" "noatime" "compress=zstd:1"];}
      ])) []
      ++ expect "another device"
      (failedAssertions (evaluate [
        ../hosts/foreign-mount.nix
        {fileSystems."/data/apps".device = lib.mkForce "/dev/disk/by-label/other";}
      ])) [];

    a-foreign-mount-under-a-name-that-cannot-be-compared-is-warned-of = let
      mountedAs = mountedWith {};
      mountedWith = more: device: options: let
        evaluated = evaluate [
          ../hosts/foreign-mount.nix
          more
          {
            fileSystems."/data/apps" = {
              device = lib.mkForce device;
              inherit options;
            };
          }
        ];
      in {
        warned = lib.filter (lib.hasInfix "nothing here tells whether") evaluated.config.warnings;
        refused = failedAssertions evaluated;
      };
      differs = ["compress=no" "ssd_spread"];
      unknown = mountedAs "/dev/sda2" differs;
    in
      expect "warnings" (lib.length unknown.warned) 1
      ++ holds "both are named: ${toString unknown.warned}"
      (lib.all (word: lib.hasInfix word (toString unknown.warned)) ["/dev/sda2" "by-uuid/3f1c5d5e" "ssd_spread" "checks/nix/hosts/shop.nix:6:5"])
      ++ expect "refused" unknown.refused []
      ++ expect "the same options" (mountedAs "/dev/sda2" ["noatime" "compress=zstd:1"]).warned []
      ++ expect "a label, of a filesystem named by UUID" (lib.length (mountedAs "LABEL=tank" differs).warned) 1
      ++ expect "said to be another" (mountedWith {services.podmanBtrfs.otherMountPoints = ["/data/apps"];} "/dev/sda2" differs).warned []
      ++ expect "another UUID" (mountedAs "/dev/disk/by-uuid/00000000-9f0e-4f0e-8a83-3f6f3a1f2b11" differs) {
        warned = [];
        refused = [];
      }
      ++ expect "the same UUID in another spelling" (lib.length (mountedAs "UUID=3F1C5D5E-9f0e-4f0e-8a83-3f6f3a1f2b11" differs).refused) 1;

    the-plan-follows-a-declared-foreign-mount = let
      declaring = options: {
        services.podmanBtrfs.filesystems.tank.existing.mounts."/data/apps" = {
          subvolume = "@apps";
          inherit options;
        };
      };
      right = evaluate [../hosts/foreign-mount.nix (declaring ["compress-force=zstd" "nofail"])];
      wrong = failedAssertions (evaluate [../hosts/foreign-mount.nix (declaring ["compress=zstd"])]);
    in
      expect "assertions" (failedAssertions right) []
      ++ expect "options" right.config.services.podmanBtrfs.plan.filesystems.tank.mountOptions ["noatime" "compress-force=zstd"]
      ++ expect "number of assertions" (builtins.length wrong) 1
      ++ holds "it says which is which: ${toString wrong}"
      (lib.hasInfix "asks for compress-force=zstd:3, and compress=zstd:3 is declared of it" (builtins.head wrong));
  }
  // lib.optionalAttrs (diskoModule != null) {
    disko-gets-new-disks-and-nobody-mounts-twice = let
      evaluated = evaluate [diskoModule ../hosts/new-disk.nix];
      inherit (evaluated) config;
      mounts = config.services.podmanBtrfs.mounts;
      subvolumes = mount: lib.length (lib.filter (lib.hasPrefix "subvol=") config.fileSystems.${mount}.options);
    in
      expect "assertions" (failedAssertions evaluated) []
      ++ holds "disko has a disk" (config.disko.devices.disk != {})
      ++ lib.concatMap (mount: expect "${mount} names its subvolume once" (subvolumes mount) 1) (builtins.attrNames mounts);
  }
