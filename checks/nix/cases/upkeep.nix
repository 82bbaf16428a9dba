# Scrub, trim and balance: a timer and a unit for each, but for what NixOS does already.
{
  lib,
  tools,
}:
with tools; let
  name = "tank";
  host = more:
    evaluate [
      ../hosts/shop.nix
      {services.podmanBtrfs.filesystems.${name}.upkeep.trim = "weekly";}
      more
    ];
  # The timers of filesystems; those of the host are none of them.
  units = evaluated: lib.naturalSort (lib.filter (unit: lib.hasPrefix "podman-btrfs-" unit && !lib.elem unit ["podman-btrfs-status" "podman-btrfs-update"]) (lib.attrNames evaluated.config.systemd.timers));
  all = host {};
  planned = all.config.services.podmanBtrfs.plan.filesystems.${name};
  unit = all.config.systemd.services.podman-btrfs-scrub-tank;
  elsewhere = settings: units (host settings);

  nixosUpkeep = {
    options.services = {
      btrfs.autoScrub = {
        enable = lib.mkEnableOption "scrubs";
        fileSystems = lib.mkOption {type = lib.types.listOf lib.types.str;};
      };
      fstrim.enable = lib.mkEnableOption "trims";
    };
  };
in {
  each-task-of-a-filesystem-has-its-timer =
    expect "assertions" (failedAssertions all) []
    ++ expect "timers" (units all) ["podman-btrfs-balance-tank" "podman-btrfs-scrub-tank" "podman-btrfs-trim-tank"]
    ++ lib.concatMap (task:
      expect "calendar of ${task}" all.config.systemd.timers."podman-btrfs-${task}-tank".timerConfig.OnCalendar planned.upkeep.${task}
      ++ expect "${task} is started by its timer alone" (all.config.systemd.services."podman-btrfs-${task}-tank".wantedBy or []) []
      ++ holds "${task} is done" (lib.hasSuffix " upkeep /etc/podman-btrfs/plan.json tank ${task}" all.config.systemd.services."podman-btrfs-${task}-tank".serviceConfig.ExecStart))
    ["balance" "scrub" "trim"]
    ++ expect "it requires the mount" unit.unitConfig.RequiresMountsFor ["/srv/tank"]
    ++ expect "a switch leaves it alone" unit.restartIfChanged false
    ++ expect "the end of the machine stops it" unit.conflicts ["shutdown.target" "sleep.target"]
    ++ holds "and the kernel's work with it" (lib.hasSuffix "scrub cancel -- /srv/tank" (lib.head unit.serviceConfig.ExecStop))
    ++ expect "it is no oneshot" unit.serviceConfig.Type "exec";

  what-nixos-does-already-is-left-to-it =
    expect "scrubbed by NixOS" (elsewhere {
      imports = [nixosUpkeep];
      services.btrfs.autoScrub.enable = true;
      services.btrfs.autoScrub.fileSystems = ["/srv/tank"];
    }) ["podman-btrfs-balance-tank" "podman-btrfs-trim-tank"]
    ++ expect "another filesystem scrubbed by NixOS" (elsewhere {
      imports = [nixosUpkeep];
      services.btrfs.autoScrub.enable = true;
      services.btrfs.autoScrub.fileSystems = ["/home"];
    }) (units all)
    ++ expect "trimmed by NixOS" (elsewhere {
      imports = [nixosUpkeep];
      services.fstrim.enable = true;
    }) ["podman-btrfs-balance-tank" "podman-btrfs-scrub-tank"];

  what-is-not-to-be-done-has-no-timer = expect "timers" (units (evaluate [
    ../hosts/shop.nix
    {
      services.podmanBtrfs.filesystems.${name}.upkeep = {
        scrub = "never";
        balance = false;
        trim = "never";
      };
    }
  ])) [];
}
