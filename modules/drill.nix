# Restore drills, on request: that what is kept here and at the targets comes back, shown regularly.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (cfg) drill;

  # By a path that stays: each plan would be another unit with its own.
  command = "${cfg.package}/bin/podman-btrfs drill /etc/podman-btrfs/plan.json";
in {
  config = lib.mkIf (cfg.enable && drill.enable) {
    systemd.services.podman-btrfs-drill = {
      description = "Restore drills of the planned workloads";
      documentation = ["man:podman-btrfs(1)"];
      # That apply failed, or that there is no network, is no reason to prove nothing.
      after = ["podman-btrfs-apply.service" "network-online.target"];
      wants = ["network-online.target"];
      # Neither the end of the machine nor its sleep waits for it.
      conflicts = ["shutdown.target" "sleep.target"];
      before = ["shutdown.target" "sleep.target"];
      # It lasts hours, and begins anew where it is stopped: a switch leaves it alone.
      restartIfChanged = false;

      # The Podman that runs the containers, and what targets are reached with.
      path = [pkgs.attr pkgs.btrfs-progs pkgs.getent pkgs.gnupg pkgs.openssh pkgs.util-linux pkgs.zstd "/run/wrappers" "/run/current-system/sw"];

      serviceConfig =
        import ./hardening-with-podman.nix
        // {
          Type = "oneshot";
          ExecStart =
            command
            + lib.optionalString drill.fromTargets " --everywhere"
            + lib.optionalString (drill.gnupgHome != null) " --gnupg-home ${drill.gnupgHome}";
          # Whatever ended it: nothing of it stays.
          ExecStopPost = "${command} --clear";
          # A oneshot has no limit by itself; NixOS may be told of one for all units.
          TimeoutStartSec = "infinity";
          # It reads all files of all volumes.
          Nice = 19;
          IOSchedulingClass = "idle";

          # No container of a drill has more than Podman's own capabilities, or writes to a home: less than any container
          # may have that others run.
          CapabilityBoundingSet = "~CAP_AUDIT_CONTROL CAP_AUDIT_READ CAP_BLOCK_SUSPEND CAP_SYSLOG CAP_SYS_BOOT CAP_SYS_MODULE CAP_SYS_PACCT CAP_SYS_RAWIO CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_WAKE_ALARM";
          ProtectHome = "read-only";
          # gpg locks what it reads. That it is not there is the drill's to say.
          ReadWritePaths = lib.optional (drill.gnupgHome != null) "-${drill.gnupgHome}";
          ProtectKernelLogs = true;
          ProtectKernelModules = true;
          # The last one for the network of nobody that a container is given.
          RestrictAddressFamilies = ["AF_UNIX" "AF_INET" "AF_INET6" "AF_NETLINK"];

          # What it found is recorded beside the receipts.
          StateDirectory = "podman-btrfs";
          StateDirectoryMode = "0700";
          # It mounts the top level of each filesystem there, for itself alone.
          RuntimeDirectory = "podman-btrfs";
          RuntimeDirectoryMode = "0700";
          RuntimeDirectoryPreserve = true;
        };
    };

    systemd.timers.podman-btrfs-drill = {
      description = "Restore drills of the planned workloads";
      wantedBy = ["timers.target"];
      timerConfig = {
        OnCalendar = drill.calendar;
        RandomizedDelaySec = "6h";
        Persistent = true;
      };
    };
  };
}
