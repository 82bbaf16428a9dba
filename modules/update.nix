# Updates of images, with their data, where that is asked for; and at each start of the machine the end of one that was
# ended in the middle.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (cfg) update;

  helper = "${cfg.package}/bin/podman-btrfs";
  # By a path that stays: each plan would be another unit with its own.
  command = "${helper} update /etc/podman-btrfs/plan.json";

  mounts = lib.concatMap (filesystem: map (mount: mount.mountPoint) filesystem.mounts) (lib.attrValues cfg.plan.filesystems);

  unit = import ./freezing-unit.nix {inherit lib pkgs helper;} mounts;

  other = config.systemd.timers.podman-auto-update or null;
  isStarted = other != null && (other.enable or true) && other.wantedBy or [] != [];
in {
  config = lib.mkIf cfg.enable (lib.mkMerge [
    {
      systemd.services.podman-btrfs-update-resume = lib.recursiveUpdate unit {
        description = "End of an update of images that was ended in the middle";
        wantedBy = ["multi-user.target"];
        # Where none ever was there is nothing to look at.
        unitConfig.ConditionDirectoryNotEmpty = "/var/lib/podman-btrfs/receipts/updates";
        serviceConfig = {
          ExecStart = "${command} --resume";
        };
      };
    }
    (lib.mkIf update.enable {
      systemd.services.podman-btrfs-update = lib.recursiveUpdate unit {
        description = "Updates of images, with their data";
        after = unit.after ++ ["network-online.target" "podman-btrfs-update-resume.service"];
        wants = ["network-online.target"];
        serviceConfig = {
          ExecStart = "${command} --auto --health-window ${toString update.healthWindow}";
        };
      };

      systemd.timers.podman-btrfs-update = {
        description = "Updates of images, with their data";
        wantedBy = ["timers.target"];
        timerConfig = {
          OnCalendar = update.calendar;
          RandomizedDelaySec = "15min";
          Persistent = true;
        };
      };

      warnings =
        lib.optional isStarted
        "services.podmanBtrfs: podman-auto-update.timer is started beside podman-btrfs-update.timer, and replaces images without their data going back; take one of them away.";
    })
  ]);
}
