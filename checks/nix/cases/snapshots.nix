# What we take ourselves: a unit before each run that prunes it, one that waits for a copy to stop, and a check before a
# switch.
{
  lib,
  tools,
}:
with tools; let
  everything = (evaluate [../hosts/everything.nix]).config;
  inherit (everything.services.podmanBtrfs) plan;
  unitOf = config: name: config.systemd.services.${name};
  run = unitOf everything "podman-btrfs-snapshot-gold-tank";
  stop = unitOf everything "podman-btrfs-snapshot-at-stop-blog";
  ours = config: lib.filter (lib.hasPrefix "podman-btrfs-snapshot-") (lib.attrNames config.systemd.services);
  with_ = protection: (evaluate [../hosts/shop.nix {services.podmanBtrfs.workloads.notes = {inherit protection;};}]).config;
in {
  a-group-is-taken-before-it-is-pruned =
    expect "what we take" (map (one: one.takenBy) (lib.filter (one: one.workload == "blog") (lib.concatMap (job: job.subvolumes) plan.protection.jobs)))
    ["podman-btrfs" "podman-btrfs"]
    ++ expect "units" (ours everything) ["podman-btrfs-snapshot-at-stop-blog" "podman-btrfs-snapshot-before-update" "podman-btrfs-snapshot-gold-tank"]
    ++ expect "btrbk takes none" everything.services.btrbk.instances.gold-build.settings.volume."/srv/build".subvolume
    {"blog+data".snapshot_create = "no";}
    ++ holds "it is what it does" (lib.hasSuffix "/bin/podman-btrfs snapshot /etc/podman-btrfs/plan.json --job gold-tank" run.serviceConfig.ExecStart)
    ++ holds "whatever ended it, nothing stays frozen" (lib.hasSuffix "/bin/podman-btrfs thaw" run.serviceConfig.ExecStopPost)
    ++ expect "btrbk wants it, and does not require it" run.wantedBy ["btrbk-gold-tank.service"]
    ++ expect "btrbk requires" (unitOf everything "btrbk-gold-tank").requires ["podman-btrfs-apply.service"]
    ++ expect "it comes before all that prune it" run.before ["btrbk-gold-tank.service" "btrbk-gold-build.service"]
    ++ expect "it requires apply" run.requires ["podman-btrfs-apply.service"]
    ++ expect "it requires the places" run.unitConfig.RequiresMountsFor ["/srv/tank/.snapshots" "/srv/build/.snapshots"]
    ++ expect "a switch leaves it alone" run.restartIfChanged false
    ++ expect "it has no timer of its own" (lib.filter (lib.hasPrefix "podman-btrfs-snapshot") (lib.attrNames everything.systemd.timers)) []
    ++ expect "the delay of the run is btrbk's" (everything.systemd.timers.btrbk-gold-tank.timerConfig ? RandomizedDelaySec) true;

  who-copies-are-sent-to-is-noticed-when-it-vanishes = let
    to = url: (evaluate [../hosts/shop.nix {services.podmanBtrfs.targets.nas.url = lib.mkForce url;}]).config.programs.ssh.extraConfig;
    hears = login: "Match originalhost ${login}\n  ConnectTimeout 15\n  ServerAliveInterval 30\n  ServerAliveCountMax 4\nMatch all\n";
  in
    expect "a user's" (to "ssh://backup@nas.example.org/srv/backup") (hears "nas.example.org user backup")
    ++ expect "a port is none of it" (to "ssh://backup@nas:2222/srv/backup") (hears "nas user backup")
    ++ expect "an address" (to "ssh://[2001:db8::7]:2222/srv/backup") (hears "2001:db8::7")
    ++ expect "a disk" (to "/mnt/usb/copies") "";

  nothing-is-sent-that-continues-no-copy = let
    asked = unitOf everything "podman-btrfs-may-run-gold-tank..2";
    untold =
      (evaluate [
        ../hosts/shop.nix
        {
          services.podmanBtrfs.policies.gold = {
            targets = lib.mkForce [];
            tool = "btrbk";
          };
        }
      ])
      .config;
    asking = config: lib.filter (lib.hasPrefix "podman-btrfs-may-run-") (lib.attrNames config.systemd.services);
    sending = lib.filter (run: lib.hasPrefix "btrbk-gold" run) (lib.attrNames everything.systemd.services);
  in
    expect "a unit for each run that sends" (asking everything) (map (lib.replaceStrings ["btrbk-"] ["podman-btrfs-may-run-"]) sending)
    ++ expect "btrbk requires it" asked.requiredBy ["btrbk-gold-tank..2.service"]
    ++ expect "and waits for it" asked.before ["btrbk-gold-tank..2.service"]
    ++ holds "it asks for that run" (lib.hasSuffix "/bin/podman-btrfs copies /etc/podman-btrfs/plan.json --may-run gold-tank..2" asked.serviceConfig.ExecStart)
    ++ expect "it looks at what is mounted" asked.unitConfig.RequiresMountsFor ["/srv/tank" "/srv/tank/.snapshots"]
    ++ holds "it has a network" (!(asked.serviceConfig ? PrivateNetwork))
    ++ expect "none where nothing is sent" (asking untold) [];
  what-is-sent-to-a-disk-is-on-it-when-the-run-is-over = let
    to = url: (unitOf (evaluate [../hosts/shop.nix {services.podmanBtrfs.targets.nas.url = lib.mkForce url;}]).config "btrbk-gold-tank").serviceConfig;
    disk = (to "/mnt/usb/copies").ExecStopPost;
  in
    expect "how many" (lib.length disk) 1
    ++ holds "it may be away, and root writes it: ${toString disk}" (lib.all (lib.hasPrefix "-+") disk)
    ++ holds "all of it is written: ${toString disk}" (lib.all (lib.hasSuffix ''/bin/sync" "--file-system" "--" "/mnt/usb/copies"'') disk)
    ++ expect "another host does it itself" (to "ssh://backup@nas/srv/backup" ? ExecStopPost) false;

  where-the-tool-takes-them-there-is-no-unit = expect "units" (ours shop.config) [];

  a-copy-that-has-stopped-is-snapshotted =
    expect "it waits beside its container" stop.wantedBy ["blog.service"]
    ++ expect "it is up before it" stop.before ["blog.service"]
    ++ expect "it ends with the last one" stop.unitConfig.StopWhenUnneeded true
    ++ expect "it stays up" stop.serviceConfig.RemainAfterExit true
    ++ expect "it requires the places" stop.unitConfig.RequiresMountsFor ["/srv/tank/.snapshots" "/srv/build/.snapshots"]
    ++ holds "then it takes one" (lib.hasSuffix "/bin/podman-btrfs snapshot /etc/podman-btrfs/plan.json blog --reason stop" stop.serviceConfig.ExecStop);

  what-nobody-sees-stop-is-told = let
    told = user:
      (evaluate [
        ../hosts/shop.nix
        {
          services.podmanBtrfs = {
            engine.users.alice = {};
            workloads.notes = {
              inherit user;
              protection.snapshotOn.stop = true;
            };
          };
        }
      ])
      .config;
    isTold = config: lib.any (lib.hasInfix "notes asks for `protection.snapshotOn.stop`") config.warnings;
  in
    holds "a rootless quadlet's end is seen by nobody" (isTold (told "alice"))
    ++ expect "and has no unit" (ours (told "alice")) []
    ++ holds "root's is" (!isTold (told null))
    ++ expect "and has one" (ours (told null)) ["podman-btrfs-snapshot-at-stop-notes"];

  no-image-is-replaced-before-a-snapshot-where-that-is-asked-for = let
    update = unitOf everything "podman-btrfs-snapshot-before-update";
  in
    expect "by default" (ours shop.config) []
    ++ expect "an update requires it" update.requiredBy ["podman-auto-update.service"]
    ++ expect "an update waits for it" update.before ["podman-auto-update.service"]
    ++ expect "it requires the places" update.unitConfig.RequiresMountsFor ["/srv/tank/.snapshots" "/srv/build/.snapshots"]
    ++ expect "those that ask for it" (map (command: lib.hasSuffix "/bin/podman-btrfs snapshot /etc/podman-btrfs/plan.json blog --reason image-update" command) update.serviceConfig.ExecStart) [true];

  a-snapshot-before-activation-is-taken-on-request =
    expect "by default" (shop.config.system.preSwitchChecks ? podman-btrfs) false
    ++ expect "on request" ((with_ {snapshotOn.activation = true;}).system.preSwitchChecks ? podman-btrfs) true
    ++ holds "of those that ask for it" (lib.hasInfix "for copy in blog; do" everything.system.preSwitchChecks.podman-btrfs)
    ++ holds "by what is there" (lib.hasInfix "/run/current-system/sw/bin/podman-btrfs snapshot /etc/podman-btrfs/plan.json --reason activation -- \"$copy\"" everything.system.preSwitchChecks.podman-btrfs)
    ++ holds "and only for what is activated" (lib.hasInfix "switch | test)" everything.system.preSwitchChecks.podman-btrfs);
}
