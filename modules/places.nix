# What other modules read of the plan in place of spelling it: paths of volumes, names of units, mount points.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (import ./planned-containers.nix {inherit config lib options;}) unitOf;
  inherit (cfg) plan;

  volumesOf = workload: let
    first = builtins.head workload.instances;
  in
    lib.mapAttrs (name: volume: {
      inherit (volume) hostPath filesystem subvolume;
      instances = lib.listToAttrs (map (copy: lib.nameValuePair copy.name copy.volumes.${name}.hostPath) workload.instances);
    })
    first.volumes;

  btrbk = cfg.bundle.nixos.services.btrbk.instances or {};

  # A job that takes much is cut into several runs, of which each has its own unit.
  takes = job: subvolumes: run: let
    taken = btrbk.${run}.settings.volume.${job.volumeDirectory}.subvolume or {};
    # As btrbk has it: below the volume directory, the directory itself, or elsewhere.
    isTaken = {hostPath, ...}: let
      below = lib.removePrefix "/" (lib.removePrefix job.volumeDirectory hostPath);
    in
      taken ? ${below} || taken ? ${hostPath} || (below == "" && taken ? ".");
  in
    lib.any isTaken subvolumes;

  snapshotUnits = name: job: let
    subvolumes = lib.filter (subvolume: subvolume.workload == name) job.subvolumes;
  in
    if subvolumes == []
    then []
    else if job.tool == "snapper"
    then ["snapper-timeline.service"]
    else map (run: "btrbk-${run}.service") (lib.filter (takes job subvolumes) (lib.attrNames btrbk));

  unitsOf = name: workload: {
    containers = lib.mergeAttrsList (map (instance: lib.mapAttrs (container: _: "${unitOf container}.service") instance.containers) workload.instances);
    snapshot = lib.unique (lib.concatMap (snapshotUnits name) plan.protection.jobs);
  };
in {
  config = lib.mkIf cfg.enable {
    services.podmanBtrfs = {
      volumes = lib.mapAttrs (_: volumesOf) (lib.filterAttrs (_: workload: workload.instances != []) plan.workloads);
      units = lib.mapAttrs unitsOf plan.workloads;
      mountPoints = lib.mapAttrs (_: filesystem:
        lib.listToAttrs (map (mount: lib.nameValuePair mount.role mount.mountPoint)
          (lib.filter (mount: mount.role != "system") filesystem.mounts)))
      plan.filesystems;
    };
  };
}
