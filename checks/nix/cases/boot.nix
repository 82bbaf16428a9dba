# Which of the EFI system partitions a boot loader is told to fill.
{
  lib,
  tools,
}:
with tools; let
  loaders.options.boot.loader = {
    grub.mirroredBoots = lib.mkOption {default = [];};
    systemd-boot.extraInstallCommands = lib.mkOption {default = "";};
  };
  told = more:
    map (warning: lib.head (lib.splitString "\n" warning))
    (lib.filter (lib.hasPrefix "PB335 ") (evaluate [loaders ../../../templates/raid1-server/host.nix more]).config.warnings);
  disk = "/dev/disk/by-id/nvme-WD_BLACK_SN850X_4000GB_22120A800222";
in {
  a-boot-partition-that-nothing-fills-is-told =
    expect "warnings" (told {}) ["PB335 warn: nothing fills /boot-2, the EFI system partition of ${disk}: the host would not start from that disk."];

  what-a-boot-loader-fills-is-not-told =
    expect "GRUB" (told {
      boot.loader.grub.mirroredBoots = [
        {path = "/boot";}
        {path = "/boot-2";}
      ];
    }) []
    ++ expect "systemd-boot" (told {boot.loader.systemd-boot.extraInstallCommands = "rsync /boot/ /boot-2/";}) []
    ++ expect "somebody else" (told {services.podmanBtrfs.rules.PB335.level = "allow";}) [];
}
