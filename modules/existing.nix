# Mounts of the plan's filesystems that somebody else declares or adds to, held against the plan: options that belong to
# the whole filesystem are the first mount's, and a remount at a switch gives them to all.
#
# The plan cannot read them: it sets `fileSystems` itself, and the evaluation would recurse. An assertion can.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (import ./options/make.nix {inherit lib;}) generated;
  inherit (import ./positions.nix {inherit config lib options;}) placed positionIn positionOf;

  nameOf = option: builtins.head (lib.splitString "=" option);
  holdsEverywhere = option:
    !(lib.hasPrefix "x-" option || builtins.elem (nameOf option) generated.optionsOfEachMount);

  # One spelling for what means the same; what the kernel does anyway is not asked for.
  spelling = {
    "compress" = "compress=zlib:3";
    "compress=zlib" = "compress=zlib:3";
    "compress=zstd" = "compress=zstd:3";
    "compress-force" = "compress-force=zlib:3";
    "compress-force=zlib" = "compress-force=zlib:3";
    "compress-force=zstd" = "compress-force=zstd:3";
  };
  asked = mountOptions:
    lib.naturalSort (lib.unique (map (option: spelling.${option} or option)
        (lib.filter (option: holdsEverywhere option && option != "compress=no" && option != "compress=none") mountOptions)));

  show = list:
    if list == []
    then "none of those options"
    else lib.concatStringsSep "," list;

  # One spelling for what `mount` takes in two.
  byPath = device: let
    tag = builtins.match "(UUID|LABEL|PARTUUID|PARTLABEL|ID)=\"?([^\"]*)\"?" device;
  in
    if tag == null
    then device
    else "/dev/disk/by-${lib.toLower (builtins.head tag)}/${lib.last tag}";

  # A filesystem has one UUID and one label, and any number of other names for each of its devices: two of those may be
  # the same filesystem, and nothing in the configuration tells.
  kindOf = device: let
    kind = builtins.match "/dev/disk/by-(uuid|label)/.*" device;
  in
    if kind == null
    then null
    else builtins.head kind;
  compare = planned: mounted: let
    a = byPath planned;
    b = byPath mounted;
  in
    if a == b || (kindOf a == "uuid" && lib.toLower a == lib.toLower b)
    then "same"
    else if kindOf a != null && kindOf a == kindOf b
    then "other"
    else "unknown";

  foreign = answer: filesystem:
    lib.filterAttrs
    (mountPoint: mount:
      mount.fsType
      == "btrfs"
      && mount.device != null
      && compare filesystem.device mount.device == answer
      # Mounts that the plan has of any filesystem, or that are declared of it, are known.
      && !builtins.elem mountPoint planned)
    config.fileSystems;
  planned = lib.concatMap (filesystem: map (own: own.mountPoint) filesystem.mounts) (lib.attrValues cfg.plan.filesystems);

  # Where both ask for the same, it makes no difference whose they are.
  warningsOf = name: filesystem:
    lib.mapAttrsToList (mountPoint: mount: ''
      fileSystems."${mountPoint}" names ${mount.device}, and the Btrfs filesystem `${name}` ${filesystem.device}: nothing here tells whether that is one filesystem. If it is, the first mount decides for both, and they ask for ${show (asked mount.options)} and ${show (asked filesystem.mountOptions)}.
        at ${placed "fileSystems.\"${mountPoint}\".device" (positionIn options.fileSystems config.fileSystems [mountPoint "device"])}
        see ${placed "services.podmanBtrfs.filesystems.${name}" (positionOf ["filesystems" name])}
        help: name both by UUID (/dev/disk/by-uuid/…); or, where they are two filesystems, add "${mountPoint}" to services.podmanBtrfs.otherMountPoints'')
    (lib.filterAttrs (mountPoint: mount:
        asked mount.options != asked filesystem.mountOptions && !builtins.elem mountPoint cfg.otherMountPoints) (foreign "unknown" filesystem));

  # The plan's own mounts, with what else somebody says of their options. Who forces all of them alike may.
  ownAssertions = name: filesystem: let
    own = lib.filter (mount: config.fileSystems.${mount.mountPoint}.fsType or null == "btrfs") filesystem.mounts;
    actual = mount: asked config.fileSystems.${mount.mountPoint}.options;
    alike = lib.length (lib.unique (map actual own)) < 2;
  in
    map (mount: {
      assertion = alike || actual mount == asked mount.options;
      message = ''
        fileSystems."${mount.mountPoint}" asks for ${show (actual mount)}; the other mounts of the Btrfs filesystem `${name}` ask for ${show (asked mount.options)}.
        The first mount decides for all, and a remount at a switch changes all.
          at ${optionsPlace mount.mountPoint}
          see ${placed "services.podmanBtrfs.filesystems.${name}" (positionOf ["filesystems" name])}
          help: give what one volume needs to that volume (`copyOnWrite`, `compression`), or force the same options on all mounts'';
    })
    own;

  optionsPlace = mountPoint:
    placed "fileSystems.\"${mountPoint}\".options" (positionIn options.fileSystems config.fileSystems [mountPoint "options"]);

  foreignAssertions = name: filesystem:
    lib.mapAttrsToList (mountPoint: mount: let
      declared = cfg.filesystems.${name}.existing.mounts.${mountPoint} or null;
      actual = asked mount.options;
      expected = asked (
        if declared == null
        then filesystem.mountOptions
        else declared.options
      );
      here = optionsPlace mountPoint;
    in {
      assertion = actual == expected;
      message =
        if declared == null
        then ''
          fileSystems."${mountPoint}" is on the Btrfs filesystem `${name}` and asks for ${show actual}; the plan's mounts ask for ${show expected}.
          The first mount decides for all, and a remount at a switch changes all.
            at ${here}
            see ${placed "services.podmanBtrfs.filesystems.${name}" (positionOf ["filesystems" name])}
            help: declare it below services.podmanBtrfs.filesystems.${name}.existing.mounts, and the plan takes it into account''
        else ''
          fileSystems."${mountPoint}" asks for ${show actual}, and ${show expected} is declared of it, which the plan rests on.
            at ${here}
            see ${placed "services.podmanBtrfs.filesystems.${name}.existing.mounts.\"${mountPoint}\"" (positionOf ["filesystems" name "existing" "mounts" mountPoint "options"])}
            help: write the same options in both places'';
    }) (foreign "same" filesystem);
  ofAll = of: lib.concatLists (lib.mapAttrsToList of cfg.plan.filesystems);
in {
  config = lib.mkIf cfg.enable {
    assertions = ofAll foreignAssertions ++ ofAll ownAssertions;
    warnings = ofAll warningsOf;
  };
}
