# What is done regularly to each filesystem, on the days that the plan gives it.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;

  # What NixOS' own timers do to the same filesystem is left to them.
  autoScrub = config.services.btrfs.autoScrub or {enable = false;};
  fstrim = config.services.fstrim or {enable = false;};
  doneElsewhere = filesystem: {
    scrub = autoScrub.enable && lib.any (mount: lib.elem mount.mountPoint autoScrub.fileSystems) filesystem.mounts;
    trim = fstrim.enable;
    balance = false;
  };

  tasks = name: filesystem: let
    elsewhere = doneElsewhere filesystem;
    planned = lib.filterAttrs (task: calendar: calendar != null && !elsewhere.${task}) filesystem.upkeep;
  in
    lib.mapAttrsToList (task: calendar: {
      inherit calendar filesystem name task;
      unit = "podman-btrfs-${task}-${name}";
    })
    planned;

  all = lib.concatLists (lib.mapAttrsToList tasks cfg.plan.filesystems);
  unitsOf = of: lib.listToAttrs (map (one: lib.nameValuePair one.unit (of one)) all);

  description = one:
    {
      scrub = "Scrub";
      trim = "Trim";
      balance = "Balance, as far as needed,";
    }
    .${
      one.task
    }
    + " of the Btrfs filesystem ${one.name}";

  # Killing the program leaves the kernel at work; these tell it to stop.
  stop = one:
    {
      scrub = ["-${pkgs.btrfs-progs}/bin/btrfs scrub cancel -- ${one.filesystem.mountPoint}"];
      balance = ["-${pkgs.btrfs-progs}/bin/btrfs balance cancel -- ${one.filesystem.mountPoint}"];
      trim = [];
    }
    .${
      one.task
    };

  service = one: {
    description = description one;
    documentation = ["man:podman-btrfs(1)"];
    unitConfig.RequiresMountsFor = [one.filesystem.mountPoint];
    # Neither the end of the machine nor its sleep waits for it.
    conflicts = ["shutdown.target" "sleep.target"];
    before = ["shutdown.target" "sleep.target"];
    # It lasts hours, and begins anew where it is stopped: a switch leaves it alone.
    restartIfChanged = false;

    path = [pkgs.btrfs-progs pkgs.util-linux];

    serviceConfig =
      import ./hardening.nix
      // {
        # A oneshot's ExecStop is not run while it starts, which is all its life.
        Type = "exec";
        # By a path that stays: each plan would be another unit with its own.
        ExecStart = "${cfg.package}/bin/podman-btrfs upkeep /etc/podman-btrfs/plan.json ${one.name} ${one.task}";
        ExecStop = stop one;
        Nice = 19;
        IOSchedulingClass = "idle";

        # The locks, shared by all of these.
        RuntimeDirectory = "podman-btrfs-upkeep";
        RuntimeDirectoryMode = "0700";
        RuntimeDirectoryPreserve = true;
        # Where btrfs-progs keeps what the last scrub found.
        StateDirectory = "btrfs";

        # Through a mount that is read-only for it, the kernel balances nothing and heals nothing.
        ReadWritePaths = [one.filesystem.mountPoint];
        CapabilityBoundingSet = ["CAP_DAC_READ_SEARCH" "CAP_SYS_ADMIN"];
        PrivateDevices = true;
        PrivateTmp = true;
        SystemCallFilter = ["@system-service" "~@resources"];
      };
  };
in {
  config = lib.mkIf cfg.enable {
    systemd.services = unitsOf service;
    systemd.timers = unitsOf (one: {
      description = description one;
      wantedBy = ["timers.target"];
      timerConfig = {
        OnCalendar = one.calendar;
        Persistent = true;
        # The plan has put them apart.
        AccuracySec = "1s";
      };
    });
  };
}
