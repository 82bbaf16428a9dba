# The one translation of the options to the declaration that the helper reads.
#
# It reads this module's own options, and of others only what the plan never sets, or the evaluation would recurse.
{
  config,
  lib,
  options,
}: let
  cfg = config.services.podmanBtrfs;

  # Null was not said; only here does it become absent.
  said = value:
    if builtins.isAttrs value
    then lib.mapAttrs (_: said) (lib.filterAttrs (_: inner: inner != null) value)
    else value;

  inherit (import ./planned-containers.nix {inherit config lib options;}) oci quadletNix;

  # A quadlet may name a unit that pulls or builds the image.
  isReference = image: image != null && !lib.hasSuffix ".image" image && !lib.hasSuffix ".build" image;
  imageOf = name:
    if oci ? ${name}
    then oci.${name}.image
    else lib.findFirst isReference null [(quadletNix.${name}.containerConfig.image or null)];

  withImage = name: container:
    container // lib.optionalAttrs (container.image == null) {image = imageOf name;};

  # What a timer prunes is declared once, where NixOS has it.
  autoPrune = options.virtualisation.podman.autoPrune or null;
  declaredPrune = let
    inherit (config.virtualisation.podman) autoPrune;
  in
    if autoPrune.enable
    then {all = lib.any (flag: lib.elem flag ["--all" "-a"]) autoPrune.flags;}
    else null;

  withPrune = engine:
    engine
    // {
      existing =
        engine.existing
        // lib.optionalAttrs (engine.existing.prune == null && autoPrune != null) {prune = declaredPrune;};
    };

  # Podman 6 finds a user's store by the user's number. NixOS' own users depend on `boot`, which disko sets from the disks
  # of the plan: with disko's module, reading the number would recurse.
  withNumber = name: store:
    store
    // lib.optionalAttrs (store.uid == null && !(options ? disko)) {
      uid = config.users.users.${name}.uid or null;
    };

  # Planning must not build what a string was made from, such as a container's image file.
  withoutContext = value: builtins.fromJSON (builtins.unsafeDiscardStringContext (builtins.toJSON value));
in
  withoutContext (said {
    inherit ((import ./options/make.nix {inherit lib;}).generated) schemaVersion;
    inherit (cfg) host filesystems policies targets rules;
    engine = withPrune cfg.engine // {users = lib.mapAttrs withNumber cfg.engine.users;};
    workloads =
      lib.mapAttrs
      (_: workload:
        # What this module does with the plan is no matter of the plan.
          removeAttrs workload ["injectVolumes"] // {containers = lib.mapAttrs withImage workload.containers;})
      cfg.workloads;
  })
