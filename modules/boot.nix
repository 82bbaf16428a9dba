# The plan makes an EFI system partition on each disk; only a boot loader can fill it, and must be told. The plan cannot
# read whether it is: disko's module sets `boot` from its disks. A warning can.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (import ./positions.nix {inherit config lib options;}) placed positionOf;

  loader = config.boot.loader or {};
  filled = place:
    lib.any (boot: boot.path == place) (loader.grub.mirroredBoots or [])
    || lib.hasInfix place (loader.systemd-boot.extraInstallCommands or "");

  warningsOf = name: filesystem:
    map (partition: ''
      PB335 warn: nothing fills ${partition.mountPoint}, the EFI system partition of ${partition.disk}: the host would not start from that disk.
        at ${placed "services.podmanBtrfs.filesystems.${name}.disks" (positionOf ["filesystems" name "disks"])}
        help: add it to boot.loader.grub.mirroredBoots, or copy /boot there in boot.loader.systemd-boot.extraInstallCommands; where something else does: services.podmanBtrfs.rules.PB335.level = "allow"
        more: podman-btrfs explain PB335'')
    (lib.filter (partition: !filled partition.mountPoint) (lib.drop 1 filesystem.bootPartitions));
in {
  config.warnings =
    lib.mkIf (cfg.enable && cfg.rules.PB335.level or null != "allow")
    (lib.concatLists (lib.mapAttrsToList warningsOf cfg.plan.filesystems));
}
