# What the host is told so that it holds what is planned: kernel settings, emulators, the slice of every user, and the
# unit that pulls images of several platforms.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  values = cfg.bundle.nixos;
  binfmt = values.boot.binfmt or {};

  # Before NixOS' own defaults, which an equal priority would contradict, and behind whatever the user sets.
  mkPlanned = lib.mkOverride 900;
in {
  config = lib.mkIf cfg.enable {
    boot = {
      kernel.sysctl = lib.mapAttrs (_: mkPlanned) (values.boot.kernel.sysctl or {});
      binfmt =
        {emulatedSystems = binfmt.emulatedSystems or [];}
        # Older releases of NixOS do not have it.
        // lib.optionalAttrs (options ? boot.binfmt.preferStaticEmulators) {
          preferStaticEmulators = lib.mkIf (binfmt ? preferStaticEmulators) (mkPlanned binfmt.preferStaticEmulators);
        };
    };

    systemd = {
      slices = lib.mapAttrs (_: slice: {sliceConfig = lib.mapAttrs (_: mkPlanned) slice.sliceConfig;}) (values.systemd.slices or {});
      services = values.systemd.services or {};
    };
  };
}
