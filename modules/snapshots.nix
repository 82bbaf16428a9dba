# Snapshots that no tool takes: groups at one moment, before the btrbk run that prunes and sends them; after the last
# container of a copy has stopped, before images are replaced, and before a new configuration is activated, where that
# is declared.
{
  config,
  lib,
  options,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (import ./planned-containers.nix {inherit config lib options;}) containers;

  helper = "${cfg.package}/bin/podman-btrfs";
  # By a path that stays: each plan would be another unit with its own.
  planFile = "/etc/podman-btrfs/plan.json";

  copies =
    lib.filter (copy: copy.protection != null)
    (lib.concatMap (workload: workload.instances) (lib.attrValues cfg.plan.workloads));

  # It pauses containers, and runs commands in them.
  freezingUnit = import ./freezing-unit.nix {inherit lib pkgs helper;};
  unit = members: freezingUnit (map (member: member.snapshotDirectory) members);

  runsOf = import ./runs-of.nix {inherit lib cfg;};

  # An hour, and what the dumps before the snapshots may take.
  patience = taken: let
    dumps = lib.concatMap (copy: copy.protection.dumps) taken;
    seconds = lib.foldl' (sum: dump: sum + dump.timeoutSeconds) 3600 dumps;
  in
    if dumps == []
    then "1h"
    else "${toString seconds}s";

  # The runs of other filesystems that hold some of a group come after it, too, where they begin at one time.
  runUnit = run: let
    taken = lib.filter (copy: copy.protection.run == run) copies;
    members = lib.concatMap (copy: copy.protection.members) taken;
    job = lib.findFirst (job: lib.elem run (runsOf job.name)) null cfg.plan.protection.jobs;
    elsewhere = lib.remove job.filesystem (lib.unique (map (member: member.filesystem) members));
    others = lib.concatMap (filesystem: runsOf "${job.policy}-${filesystem}") elsewhere;
  in
    lib.nameValuePair "podman-btrfs-snapshot-${run}" (lib.recursiveUpdate (unit members) {
      description = "Group snapshots of ${run}";
      # Not required: where a group could not be taken, what is there is pruned and sent all the same.
      wantedBy = ["btrbk-${run}.service"];
      before = map (name: "btrbk-${name}.service") ([run] ++ others);
      serviceConfig = {
        ExecStart = "${helper} snapshot ${planFile} --job ${run}";
        # Each group has its own budget; this is for what none of them foresees, so that btrbk's turn comes.
        TimeoutStartSec = patience taken;
      };
    });
  runs = lib.unique (lib.filter (run: run != null) (map (copy: copy.protection.run) copies));

  # Units of the system: those of a rootless user's own service manager can tell this one nothing.
  ofSystem = lib.filter (container: container.declarer != "quadlet" || container.user == null) containers;
  unitsOf = copy: map (container: "${container.unit}.service") (lib.filter (container: copy.containers ? ${container.name}) ofSystem);
  atStop = lib.filter (copy: copy.protection.snapshotOn.stop) copies;

  # It is up as long as one of the copy's containers is, and stops when the last of them has stopped.
  stopUnit = copy:
    lib.nameValuePair "podman-btrfs-snapshot-at-stop-${lib.replaceStrings ["@"] [".."] copy.name}"
    (lib.recursiveUpdate (unit copy.protection.members) {
      description = "Group snapshot of ${copy.name} when it has stopped";
      wantedBy = unitsOf copy;
      before = unitsOf copy;
      unitConfig.StopWhenUnneeded = true;
      serviceConfig = {
        # Nothing is run at its start.
        RemainAfterExit = true;
        ExecStop = "${helper} snapshot ${planFile} ${copy.name} --reason stop";
        TimeoutStopSec = "5min";
      };
    });
  unseen = lib.filter (copy: unitsOf copy == []) atStop;

  beforeUpdate = lib.filter (copy: copy.protection.snapshotOn.imageUpdate) copies;
  # Required: where it could not be taken, no image is replaced.
  updateUnit = lib.nameValuePair "podman-btrfs-snapshot-before-update" (lib.recursiveUpdate (unit (lib.concatMap (copy: copy.protection.members) beforeUpdate)) {
    description = "Group snapshots before images are replaced";
    requiredBy = ["podman-auto-update.service"];
    before = ["podman-auto-update.service"];
    serviceConfig = {
      ExecStart = map (copy: "${helper} snapshot ${planFile} ${copy.name} --reason image-update") beforeUpdate;
      TimeoutStartSec = patience beforeUpdate;
    };
  });

  beforeActivation = map (copy: copy.name) (lib.filter (copy: copy.protection.snapshotOn.activation) copies);
  # The plan and the helper that are still there: they fit what runs. A new configuration may be what mends the machine,
  # so nothing that goes wrong here keeps it from being activated.
  check = ''
    case "''${2-}" in
      switch | test)
        if [ -e ${planFile} ]; then
          for copy in ${lib.escapeShellArgs beforeActivation}; do
            /run/current-system/sw/bin/podman-btrfs snapshot ${planFile} --reason activation -- "$copy" ||
              echo "podman-btrfs: $copy was not snapshotted as declared before this activation, which goes on (one that is new has no data yet)" >&2
          done
        fi
        ;;
    esac
  '';
in {
  config = lib.mkIf cfg.enable (lib.mkMerge [
    {
      systemd.services = lib.listToAttrs (map runUnit runs ++ map stopUnit (lib.subtractLists unseen atStop) ++ lib.optional (beforeUpdate != []) updateUnit);
      warnings =
        map (copy: "services.podmanBtrfs: ${copy.name} asks for `protection.snapshotOn.stop`, and none of its containers has a unit of the system that could tell when it stops.") unseen
        ++ lib.optional (beforeActivation != [] && !(options.system ? preSwitchChecks))
        "services.podmanBtrfs: `protection.snapshotOn.activation` needs NixOS 24.11 or newer (`system.preSwitchChecks`).";
    }
    (lib.optionalAttrs (options ? system.preSwitchChecks) {
      system.preSwitchChecks = lib.mkIf (beforeActivation != []) {podman-btrfs = check;};
    })
  ]);
}
