# The plan's containers, each with whoever declares it, the unit that runs it, and what it mounts.
#
# Who declares it: `oci` (virtualisation.oci-containers), `quadlet-nix` (its module's virtualisation.quadlet), or
# `quadlet`, a file that Podman's generator reads: below environment.etc, or in a user's home.
{
  config,
  lib,
  options,
}: let
  cfg = config.services.podmanBtrfs;

  oci =
    if options ? virtualisation.oci-containers
    then config.virtualisation.oci-containers.containers
    else {};

  quadletNix =
    if options ? virtualisation.quadlet.containers
    then config.virtualisation.quadlet.containers
    else {};

  declarerOf = name:
    if oci ? ${name}
    then "oci"
    else if quadletNix ? ${name}
    then "quadlet-nix"
    else "quadlet";

  # The unit's name, without its ending.
  unitOf = name:
    {
      oci = oci.${name}.serviceName or "podman-${name}";
      quadlet-nix = quadletNix.${name}._serviceName or name;
      quadlet = name;
    }
    .${
      declarerOf name
    };

  bind = hostPath: path: readOnly: "${hostPath}:${path}${lib.optionalString readOnly ":ro"}";

  volumeArguments = instance: container:
    lib.mapAttrsToList
    (volume: path: bind instance.volumes.${volume}.hostPath path (lib.elem volume container.readOnly))
    container.mounts
    # Volumes of other workloads.
    ++ map (used: bind used.hostPath used.path used.readOnly) (lib.attrValues container.uses);

  ofInstance = workloadName: workload: instance:
    lib.mapAttrsToList (name: container:
      container
      // {
        inherit name;
        inherit (workload) user;
        declarer = declarerOf name;
        unit = unitOf name;
        volumeArguments = volumeArguments instance container;
        # A committed plan may be of an older declaration.
        inject = cfg.workloads.${workloadName}.injectVolumes or false;
      })
    instance.containers;
in {
  inherit oci quadletNix unitOf;

  containers = lib.concatLists (lib.mapAttrsToList
    (name: workload: lib.concatMap (ofInstance name workload) workload.instances)
    cfg.plan.workloads);
}
