# What the planned volumes take, recorded once a day: what `podman-btrfs status` works growth out from.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;
in {
  config = lib.mkIf cfg.enable {
    systemd.services.podman-btrfs-status = {
      description = "Record of what Podman's volumes take";
      documentation = ["man:podman-btrfs(1)"];
      # What is not mounted is not recorded, so it is not required.
      after = ["podman-btrfs-apply.service"];

      path = [pkgs.btrfs-progs pkgs.getent config.systemd.package];

      serviceConfig =
        import ./hardening.nix
        // {
          Type = "oneshot";
          # By a path that stays: each plan would be another unit with its own.
          ExecStart = "${cfg.package}/bin/podman-btrfs status /etc/podman-btrfs/plan.json --record";
          # It is told to whoever asks; here the record counts, and what could not be found out.
          StandardOutput = "null";
          # 1: something could not be found out.
          SuccessExitStatus = 1;
          # It reads the metadata of all files.
          Nice = 19;
          IOSchedulingClass = "idle";

          # Receipts and the ledger, which it reads, and the record beside them.
          StateDirectory = "podman-btrfs";
          StateDirectoryMode = "0700";

          # The trees of subvolumes are told to CAP_SYS_ADMIN alone; volumes are not everybody's.
          CapabilityBoundingSet = ["CAP_DAC_READ_SEARCH" "CAP_SYS_ADMIN"];
          # Which filesystem is mounted is told by the names and numbers of the host's devices; none of them is opened.
          DevicePolicy = "closed";
          PrivateTmp = true;
          # The service manager tells the state of units by its socket.
          RestrictAddressFamilies = ["AF_UNIX"];
          SystemCallFilter = ["@system-service" "~@resources"];
        };
    };

    systemd.timers.podman-btrfs-status = {
      description = "Record of what Podman's volumes take";
      wantedBy = ["timers.target"];
      timerConfig = {
        OnCalendar = "daily";
        RandomizedDelaySec = "4h";
        Persistent = true;
      };
    };
  };
}
