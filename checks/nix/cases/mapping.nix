# Every value goes to the option that holds it, and whatever a user forces there wins.
{
  lib,
  tools,
}:
with tools; let
  host = evaluate ([../hosts/everything.nix] ++ lib.optional (diskoModule != null) diskoModule);
  inherit (host) config;
  cfg = config.services.podmanBtrfs;
  inherit (cfg) plan;
  values =
    if diskoModule == null
    then removeAttrs cfg.bundle.nixos ["disko"]
    else cfg.bundle.nixos;

  # What is missing of the values, by path: what is set besides them is somebody else's.
  missing = path: wanted: found:
    if lib.isAttrs wanted
    then
      lib.concatLists (lib.mapAttrsToList (name: value:
        if lib.isAttrs found && found ? ${name}
        then missing (path ++ [name]) value found.${name}
        else ["there is no ${lib.showOption (path ++ [name])}"])
      wanted)
    else lib.optional (wanted != found) "${lib.showOption path} is ${builtins.toJSON found}, and not ${builtins.toJSON wanted}";

  # disko writes `subvol=` without the slash.
  sameOptions = options: lib.naturalSort (map (lib.replaceStrings ["subvol=/"] ["subvol="]) options);

  # Each option that the module sets, once: path, and what the user forces there.
  forced =
    [
      [["fileSystems" "/srv/tank" "options"] ["mine"]]
      [["fileSystems" "/srv/tank" "device"] "/dev/mine"]
      [["environment" "etc" "containers/storage.rootful.conf.d/50-podman-btrfs.conf" "text"] "mine"]
      [["environment" "etc" "containers/storage.conf" "source"] "/mine"]
      [["environment" "etc" "containers/systemd/notes.container.d/50-podman-btrfs.conf" "text"] "mine"]
      [["environment" "etc" "podman-btrfs/plan.json" "source"] "/mine"]
      [["virtualisation" "containers" "enable"] false]
      [["virtualisation" "containers" "storage" "settings" "storage" "driver"] "vfs"]
      [["virtualisation" "containers" "containersConf" "settings" "engine" "image_copy_tmp_dir"] "/mine"]
      [["virtualisation" "oci-containers" "containers" "shop-db" "volumes"] ["/mine:/mine"]]
      [["systemd" "tmpfiles" "settings" "podman-btrfs" "/var/lib/containers/tmp" "d" "mode"] "0700"]
      [["services" "btrbk" "instances" "gold-tank" "onCalendar"] "weekly"]
      [["services" "btrbk" "instances" "gold-tank" "settings" "snapshot_preserve"] "1d"]
      [["services" "snapper" "configs" "notes" "TIMELINE_CREATE"] false]
      [["services" "snapper" "snapshotInterval"] "weekly"]
      [["systemd" "timers" "btrbk-gold-tank" "timerConfig" "RandomizedDelaySec"] 1]
      [["systemd" "services" "btrbk-gold-tank" "unitConfig" "RequiresMountsFor"] ["/mine"]]
      [["systemd" "services" "podman-btrfs-snapshot-gold-tank" "serviceConfig" "TimeoutStartSec"] "1min"]
      [["systemd" "services" "podman-btrfs-snapshot-at-stop-blog" "serviceConfig" "TimeoutStopSec"] "1min"]
      [["system" "preSwitchChecks" "podman-btrfs"] "mine"]
      [["systemd" "services" "snapper-timeline" "unitConfig" "RequiresMountsFor"] ["/mine"]]
      [["systemd" "services" "podman-shop-db" "unitConfig" "RequiresMountsFor"] ["/mine"]]
      [["systemd" "services" "podman-shop-db" "serviceConfig" "ExecStartPre"] []]
      [["systemd" "services" "notes" "requires"] []]
      [["systemd" "services" "building-pod" "requires"] []]
      [["systemd" "services" "podman-btrfs-apply" "serviceConfig" "UMask"] "0000"]
      [["systemd" "services" "podman-btrfs-prefetch" "description"] "mine"]
      [["systemd" "services" "podman-btrfs-metrics" "serviceConfig" "CapabilityBoundingSet"] []]
      [["systemd" "timers" "podman-btrfs-metrics" "timerConfig" "OnUnitActiveSec"] "1h"]
      [["systemd" "services" "podman-btrfs-status" "serviceConfig" "StandardOutput"] "journal"]
      [["systemd" "timers" "podman-btrfs-status" "timerConfig" "OnCalendar"] "weekly"]
      [["systemd" "services" "podman-btrfs-drill" "serviceConfig" "TimeoutStartSec"] "1h"]
      [["systemd" "timers" "podman-btrfs-drill" "timerConfig" "OnCalendar"] "daily"]
      [["systemd" "services" "podman-btrfs-update" "serviceConfig" "UMask"] "0000"]
      [["systemd" "services" "podman-btrfs-update-resume" "wantedBy"] []]
      [["systemd" "timers" "podman-btrfs-update" "timerConfig" "OnCalendar"] "weekly"]
      [["services" "prometheus" "exporters" "node" "extraFlags"] ["--mine"]]
      [["services" "prometheus" "ruleFiles"] ["/mine"]]
      [["systemd" "services" "podman-btrfs-scrub-tank" "serviceConfig" "Nice"] 0]
      [["systemd" "timers" "podman-btrfs-balance-tank" "timerConfig" "OnCalendar"] "weekly"]
      [["systemd" "user" "services" "function" "serviceConfig" "ExecStartPre"] []]
      [["systemd" "slices" "user-" "sliceConfig" "TasksMax"] 1]
      [["boot" "kernel" "sysctl" "fs.inotify.max_user_instances"] 1]
      [["boot" "binfmt" "emulatedSystems"] []]
      [["boot" "binfmt" "preferStaticEmulators"] false]
      [["users" "users" "alice" "linger"] false]
      [["users" "users" "alice" "autoSubUidGidRange"] false]
    ]
    ++ lib.optional (diskoModule != null) [["disko" "devices" "disk" "build-1" "device"] "/dev/mine"];
in {
  every-value-is-in-its-option =
    expect "assertions" (failedAssertions host) []
    ++ missing [] values config
    # Or there would be nothing to compare.
    ++ map (path: "the host has no value for ${lib.showOption path}") (lib.filter (path: !lib.hasAttrByPath path values) ([
        ["boot" "binfmt" "emulatedSystems"]
        ["boot" "binfmt" "preferStaticEmulators"]
        ["boot" "kernel" "sysctl"]
        ["environment" "etc"]
        ["services" "btrbk" "instances"]
        ["services" "snapper" "configs"]
        ["services" "snapper" "snapshotInterval"]
        ["systemd" "services" "podman-btrfs-prefetch"]
        ["systemd" "slices" "user-"]
        ["systemd" "timers" "btrbk-gold-tank"]
        ["systemd" "tmpfiles" "settings"]
        ["virtualisation" "containers" "containersConf"]
        ["virtualisation" "containers" "storage"]
      ]
      ++ lib.optional (diskoModule != null) ["disko" "devices" "disk"]));

  every-mount-is-in-file-systems = lib.concatMap (filesystem:
    lib.concatMap (mount: let
      found = config.fileSystems.${mount.mountPoint};
    in
      expect "device of ${mount.mountPoint}" (filesystem.origin.kind == "new" || found.device == filesystem.device) true
      ++ expect "kind of ${mount.mountPoint}" found.fsType "btrfs"
      ++ expect "options of ${mount.mountPoint}" (sameOptions (lib.filter (option: option != "defaults") found.options))
      (sameOptions (mount.options ++ ["x-systemd.after=podman-btrfs-apply.service"]))
      ++ expect "${mount.mountPoint} in the initrd" found.neededForBoot mount.neededForBoot)
    filesystem.mounts)
  (lib.attrValues plan.filesystems);

  every-mount-is-in-mounts-too =
    holds "there are mounts" (cfg.mounts != {})
    ++ expect "places" (lib.attrNames cfg.mounts)
    (lib.naturalSort (lib.concatMap (filesystem: map (mount: mount.mountPoint) filesystem.mounts) (lib.attrValues plan.filesystems)));

  every-unit-waits-for-what-it-needs = let
    waits = name: directories: let
      unit = config.systemd.services.${name};
    in
      expect "${name} requires apply" (lib.elem "podman-btrfs-apply.service" unit.requires) true
      ++ expect "${name} is after apply" (lib.elem "podman-btrfs-apply.service" unit.after) true
      ++ map (directory: "${name} does not require ${directory}") (lib.subtractLists unit.unitConfig.RequiresMountsFor directories);
    store = "/var/lib/containers/storage";
    volume = cfg.volumes.shop.pgdata.hostPath;
  in
    waits "podman-shop-db" [volume store]
    ++ waits "notes" [cfg.volumes.notes.files.hostPath store]
    ++ waits "building-pod" [cfg.volumes.builder.layers.hostPath store]
    ++ waits "btrbk-gold-tank" ["/srv/tank" "/srv/tank/.snapshots"]
    ++ waits "snapper-timeline" ["/srv/tank/notes"]
    ++ waits "snapper-cleanup" ["/srv/tank/notes"]
    ++ holds "a later copy starts after an earlier one"
    (lib.any (lib.hasPrefix "tenant") (lib.concatMap (copy: config.systemd.services."tenant-${toString copy}".after) (lib.range 2 200)));

  the-host-has-the-helper-and-the-plan =
    expect "packages" (lib.elem cfg.package config.environment.systemPackages) true
    ++ expect "plan" (lib.importJSON config.environment.etc."podman-btrfs/plan.json".source) plan
    ++ holds "apply reads it" (lib.hasInfix "podman-btrfs-plan.json" config.systemd.services.podman-btrfs-apply.serviceConfig.ExecStart)
    ++ expect "apply comes before mounts" (lib.elem "local-fs.target" config.systemd.services.podman-btrfs-apply.before) true
    ++ expect "it is started" config.systemd.services.podman-btrfs-apply.wantedBy ["local-fs.target"]
    ++ holds "it waits for the devices" (lib.any (lib.hasSuffix ".device") config.systemd.services.podman-btrfs-apply.after)
    ++ expect "no container is stopped for a new plan" config.systemd.services.podman-btrfs-apply.reloadIfChanged true;

  warnings-are-told =
    holds "one is told: ${toString shop.config.warnings}" (lib.any (lib.hasPrefix "PB621 warn: ") shop.config.warnings);

  what-a-user-forces-wins-everywhere = let
    of = path: value: lib.setAttrByPath path (lib.mkForce value);
    result =
      (evaluate ([../hosts/everything.nix]
        ++ lib.optional (diskoModule != null) diskoModule
        ++ map (one: of (lib.elemAt one 0) (lib.elemAt one 1)) forced))
      .config;
  in
    lib.concatMap (one: let
      path = lib.elemAt one 0;
      wanted = lib.elemAt one 1;
    in
      # What the module does not set, nobody needs to force.
      lib.optional (lib.getAttrFromPath path config == wanted) "${lib.showOption path} is that anyway"
      ++ expect (lib.showOption path) (lib.getAttrFromPath path result) wanted)
    forced;
}
