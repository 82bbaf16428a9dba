# What a whole system's files and units say, held against the plan: the texts, as the machine will read them.
#
# Each answer is a list of failures. `standIn` tells of an option whether the real set has none, and so no text of it.
{
  lib,
  evaluated,
  standIn,
}: let
  inherit (evaluated) config;
  cfg = config.services.podmanBtrfs;
  inherit (cfg) plan;
  values = cfg.bundle.nixos;
  inherit (config.environment) etc;

  plain = builtins.unsafeDiscardStringContext;
  lacks = what: text: wanted: lib.optional (!lib.hasInfix (plain wanted) (plain text)) "${what} does not say `${wanted}`";
  lines = lib.splitString "\n";

  # A file's text: NixOS keeps some as such, some in the derivation that writes it.
  textOf = file: let
    source = file.source or {};
    value = source.value or source.text or null;
  in
    if file.text or null != null
    then file.text
    else if lib.isString value || value == null
    then value
    else builtins.toJSON value;

  # A file that must be there, and what it must say. One that holds a value only on the builder is not looked into.
  file = name: check:
    if !(etc ? ${name})
    then ["there is no /etc/${name}"]
    else let
      text = textOf etc.${name};
    in
      lib.optionals (text != null) (check text);

  unless = option: failures: lib.optionals (!standIn option) failures;

  # By mount point: the options of its line in fstab.
  fstab = lib.listToAttrs (lib.concatMap (line: let
    words = lib.filter (word: word != "") (lib.splitString " " line);
  in
    lib.optional (lib.length words >= 4 && !lib.hasPrefix "#" line)
    (lib.nameValuePair (lib.elemAt words 1) {
      fsType = lib.elemAt words 2;
      options = lib.splitString "," (lib.elemAt words 3);
    }))
  (lines etc.fstab.text));

  # disko writes `subvol=` without the slash.
  normal = lib.replaceStrings ["subvol=/"] ["subvol="];

  mount = planned: let
    where = planned.mountPoint;
    found = fstab.${where};
    missing = lib.subtractLists (map normal found.options) (map normal planned.options);
    unplanned = lib.filter (option: !lib.hasPrefix "x-" option) (lib.subtractLists (map normal planned.options) (map normal found.options));
    late = !planned.neededForBoot && planned.role != "system";
  in
    if !(fstab ? ${where})
    then ["fstab has no line for ${where}"]
    else
      lib.optional (found.fsType != "btrfs") "fstab: ${where} is ${found.fsType}"
      ++ map (option: "fstab: ${where} lacks ${option}") missing
      ++ map (option: "fstab: ${where} has ${option}, which is not planned") unplanned
      ++ lib.optional (late && !lib.elem "x-systemd.after=podman-btrfs-apply.service" found.options)
      "fstab: ${where} does not wait for podman-btrfs-apply.service";

  unit = name: check:
    if config.systemd.units ? ${name}
    then check config.systemd.units.${name}.text
    else ["there is no unit ${name}"];

  # systemd takes several on a line or each on its own.
  names = key: text:
    lib.concatMap (line: lib.optionals (lib.hasPrefix "${key}=" line) (lib.splitString " " (lib.removePrefix "${key}=" line))) (lines text);
  requiresApply = what: text:
    lib.concatMap
    (key: lib.optional (!lib.elem "podman-btrfs-apply.service" (names key text)) "${what} has no ${key}=podman-btrfs-apply.service")
    ["After" "Requires"];
  requiresMounts = what: text: directories:
    map (directory: "${what} has no RequiresMountsFor=${directory}") (lib.subtractLists (names "RequiresMountsFor" text) directories);

  containers = lib.concatMap (workload:
    lib.optionals (workload.user == null) (lib.concatMap (instance: lib.attrsToList instance.containers) workload.instances))
  (lib.attrValues plan.workloads);

  container = {
    name,
    value,
  }: let
    declared = config.virtualisation.oci-containers.containers.${name} or null;
    service = "${
      if declared == null
      then name
      else declared.serviceName or "podman-${name}"
    }.service";
  in
    unit service (text:
      requiresApply service text
      ++ requiresMounts service text value.requiresMountsFor
      ++ lacks service text "ExecStartPre=/run/current-system/sw/bin/podman-btrfs verify -- /etc/podman-btrfs/plan.json ${name}\n"
      ++ lib.optionals (declared != null)
      (map (volume: "${name} does not mount ${volume}") (lib.subtractLists declared.volumes cfg.containerVolumes.${name})));

  btrbk = name: instance:
    unit "btrbk-${name}.service" (text:
      requiresApply "btrbk-${name}" text ++ requiresMounts "btrbk-${name}" text (lib.attrNames instance.settings.volume))
    ++ unless "services.btrbk.instances" (
      file "btrbk/${name}.conf" (text:
        lib.concatMap (lacks "btrbk/${name}.conf" text) (lib.attrNames instance.settings.volume ++ [instance.settings.snapshot_preserve]))
      ++ unit "btrbk-${name}.timer" (text: lacks "btrbk-${name}.timer" text "OnCalendar=${instance.onCalendar}")
    );

  snapper = name: settings:
    unless "services.snapper.configs" (file "snapper/configs/${name}" (text: lacks "snapper/configs/${name}" text settings.SUBVOLUME));

  storage = let
    settings = values.virtualisation.containers.storage.settings.storage or {};
  in
    lib.optionals (settings != {}) (unless "virtualisation.containers.storage.settings"
      (file "containers/storage.conf" (text: lacks "storage.conf" text settings.driver)));

  sysctl = name: value: file "sysctl.d/60-nixos.conf" (text: lib.optional (!lib.elem "${name}=${toString value}" (lines text)) "sysctl.d has no ${name}=${toString value}");
in
  lib.concatMap mount (lib.concatMap (filesystem: filesystem.mounts) (lib.attrValues plan.filesystems))
  ++ unit "podman-btrfs-apply.service" (text:
    lib.concatMap (lacks "podman-btrfs-apply" text) ["DefaultDependencies=false" "ExecStart=${cfg.package}/bin/podman-btrfs apply "]
    ++ lib.optional (!lib.elem "local-fs.target" (names "Before" text)) "podman-btrfs-apply is not before local-fs.target")
  ++ lib.concatMap container containers
  ++ lib.concatLists (lib.mapAttrsToList btrbk (values.services.btrbk.instances or {}))
  ++ lib.concatLists (lib.mapAttrsToList snapper (values.services.snapper.configs or {}))
  ++ storage
  ++ lib.concatLists (lib.mapAttrsToList sysctl (values.boot.kernel.sysctl or {}))
  ++ lib.optional (!etc ? "podman-btrfs/plan.json") "there is no /etc/podman-btrfs/plan.json"
