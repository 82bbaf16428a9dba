# A container starts when its mounts are there and what it mounts was made; nothing lands on the root filesystem.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;

  instances = lib.concatMap (workload:
    map (instance: instance // {inherit (workload) user;}) workload.instances)
  (lib.attrValues cfg.plan.workloads);

  containers = lib.concatMap (instance:
    lib.mapAttrsToList (name: container:
      container
      // {
        inherit name;
        inherit (instance) user volumes;
      })
    instance.containers)
  instances;

  declared =
    if options ? virtualisation.oci-containers
    then config.virtualisation.oci-containers.containers
    else {};

  # The unit of a container, without its ending: an oci-container's, or the one that Podman's generator writes.
  unitName = name:
    if declared ? ${name}
    then declared.${name}.serviceName or "podman-${name}"
    else name;

  # The store of whoever runs it, and what Podman does not start without.
  store = container:
    if container.user == null
    then cfg.plan.engine.requiresMountsFor
    else lib.optional (cfg.plan.engine.users ? ${container.user}) cfg.plan.engine.users.${container.user}.graphRoot;

  dependencies = container: {
    after = ["podman-btrfs-apply.service"] ++ map (name: "${unitName name}.service") container.startsAfter;
    requires = ["podman-btrfs-apply.service"];
    # A list, or it could not be joined with what another module requires.
    unitConfig.RequiresMountsFor = lib.unique (container.requiresMountsFor ++ store container);
  };

  # Added to a unit that is not NixOS' own.
  asDropin = service: service // {overrideStrategy = "asDropin";};

  unit = container:
    if declared ? ${container.name}
    then [
      (lib.nameValuePair (unitName container.name) (dependencies container))
    ]
    # A quadlet: Podman's generator writes the unit. A rootless one belongs to its user's service manager, which
    # knows nothing of the system's mounts.
    else
      lib.optional (container.user == null)
      (lib.nameValuePair (unitName container.name) (asDropin (dependencies container)));

  bind = hostPath: path: readOnly: "${hostPath}:${path}${lib.optionalString readOnly ":ro"}";

  volumeArguments = container:
    lib.mapAttrsToList
    (volume: path: bind container.volumes.${volume}.hostPath path (lib.elem volume container.readOnly))
    container.mounts
    # Volumes of other workloads.
    ++ map (used: bind used.hostPath used.path used.readOnly) (lib.attrValues container.uses);

  # The unit that Podman's generator writes for `NAME.pod`; the units of its containers are bound to it.
  podUnit = instance:
    lib.optional (instance.pod != null && instance.user == null)
    (lib.nameValuePair "${instance.pod.name}-pod" (asDropin (dependencies {
      inherit (instance) user;
      inherit (instance.pod) requiresMountsFor;
      startsAfter = [];
    })));
in {
  config = lib.mkIf cfg.enable {
    systemd.services = lib.listToAttrs (lib.concatMap unit containers ++ lib.concatMap podUnit instances);

    services.podmanBtrfs.containerVolumes = lib.listToAttrs (map
      (container: lib.nameValuePair container.name (volumeArguments container))
      containers);
  };
}
