# A container starts when its mounts are there, what it mounts was made, and what it mounts lies where it was planned;
# nothing lands on the root filesystem.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (import ./planned-containers.nix {inherit config lib options;}) containers unitOf;

  # The store of whoever runs it, and what Podman does not start without.
  store = container:
    if container.user == null
    then cfg.plan.engine.requiresMountsFor
    else lib.optional (cfg.plan.engine.users ? ${container.user}) cfg.plan.engine.users.${container.user}.graphRoot;

  # In the container's own unit and not in one beside it: there it comes after the mounts that this one requires, and
  # is asked at every start, those after a failure included. By paths that stay: with the helper's and the plan's own
  # ones, each update of either would restart every container.
  identity = container: "/run/current-system/sw/bin/podman-btrfs verify -- /etc/podman-btrfs/plan.json ${container.name}";

  waits = container: {
    after = ["podman-btrfs-apply.service"] ++ map (name: "${unitOf name}.service") container.startsAfter;
    requires = ["podman-btrfs-apply.service"];
    # Lists, or they could not be joined with what another module says.
    unitConfig.RequiresMountsFor = lib.unique (container.requiresMountsFor ++ store container);
  };
  dependencies = container: waits container // {serviceConfig.ExecStartPre = lib.mkBefore ["${asRoot container}${identity container}"];};

  # What a user may not read is asked by the system's manager, though the unit runs as the user: whether an update is in the middle.
  asRoot = container: lib.optionalString (container.declarer == "oci" && container.user != null) "+";

  # A unit of the system that is run as a user: its container gets a cgroup from the user's service manager, and can be paused, and what
  # watches the container stays in the unit. Without the first it is not there at the boot, without the second Podman moves all of it
  # away, and the unit fails (`protocol`).
  asUser = container: let
    manager = managerOf container.user;
  in
    lib.optionalAttrs (container.user != null) {
      after = (dependencies container).after ++ manager;
      requires = (dependencies container).requires ++ manager;
      serviceConfig.Delegate = lib.mkDefault true;
    };
  managerOf = user: let
    uid = uidOf user;
    lingers = config.users.users.${user}.linger or null;
  in
    lib.optional (user != null && uid != null && lingers == true) "user@${toString uid}.service";

  # Added to a unit that is not NixOS' own.
  asDropin = service: service // {overrideStrategy = "asDropin";};

  systemUnit = container:
    {
      oci = [(lib.nameValuePair container.unit (lib.recursiveUpdate (dependencies container) (asUser container)))];
      # That module writes a drop-in of the same name; what is here goes into one of the quadlet.
      quadlet-nix = [];
      # Podman's generator writes the unit.
      quadlet =
        lib.optional (container.user == null)
        (lib.nameValuePair container.unit (asDropin (dependencies container)));
    }
    .${
      container.declarer
    };

  # A rootless quadlet belongs to its user's service manager, which can require neither mounts nor units of the system;
  # it runs after all of them that do not fail, and it can ask.
  userUnit = container:
    lib.optional (container.declarer == "quadlet" && container.user != null)
    (lib.nameValuePair container.unit (asDropin {
      serviceConfig.ExecStartPre = lib.mkBefore [(identity container)];
    }));

  # Podman reads it with the quadlet, whoever wrote that.
  quadletFile = container: let
    folder = lib.optionalString (container.user != null) "users/${
      lib.optionalString (uidOf container.user != null) "${toString (uidOf container.user)}/"
    }";
    unit = lib.optionalAttrs (container.declarer == "quadlet-nix") {
      Unit = let
        wanted = dependencies container;
      in {
        After = wanted.after;
        Requires = wanted.requires;
        inherit (wanted.unitConfig) RequiresMountsFor;
      };
      Service.ExecStartPre = [(identity container)];
    };
    volumes = lib.optionalAttrs container.inject {Container.Volume = container.volumeArguments;};
    sections = unit // volumes;
  in
    lib.optional (container.declarer != "oci" && sections != {})
    (lib.nameValuePair "containers/systemd/${folder}${container.name}.container.d/50-podman-btrfs.conf" {
      text = lib.generators.toINI {
        listsAsDuplicateKeys = true;
        # A path in a container may hold what systemd would replace.
        mkKeyValue = key: value: "${key}=${lib.replaceStrings ["%"] ["%%"] value}";
      } (lib.filterAttrs (_: section: section != {Volume = [];}) sections);
    });

  uidOf = name: config.users.users.${name}.uid or null;

  # The unit that Podman's generator writes for `NAME.pod`; the units of its containers are bound to it.
  podUnit = workload: instance:
    lib.optional (instance.pod != null && workload.user == null)
    (lib.nameValuePair "${instance.pod.name}-pod" (asDropin (waits {
      inherit (workload) user;
      inherit (instance.pod) requiresMountsFor;
      startsAfter = [];
    })));
  podUnits = lib.concatMap (workload: lib.concatMap (podUnit workload) workload.instances) (lib.attrValues cfg.plan.workloads);
in {
  config = lib.mkIf cfg.enable {
    systemd.services = lib.listToAttrs (lib.concatMap systemUnit containers ++ podUnits);
    systemd.user.services = lib.listToAttrs (lib.concatMap userUnit containers);
    environment.etc = lib.listToAttrs (lib.concatMap quadletFile containers);

    services.podmanBtrfs.containerVolumes = lib.listToAttrs (map
      (container: lib.nameValuePair container.name container.volumeArguments)
      containers);
  };
}
