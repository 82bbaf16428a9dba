# Each template as a whole NixOS system, with disko, evaluated down to its derivation, in both ways of planning; and
# what its files and units say. Needs all of nixpkgs. Of an old one, `stoodInFor` names what had to stand in.
{
  lib,
  disko,
  nixpkgs,
  helper,
}: let
  directory = ../../templates;
  templates = lib.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir directory));

  old = import ./old-nixpkgs.nix {inherit lib nixpkgs;};
  evaluate =
    if old != null
    then modules: old.evaluate (old.modules ++ modules)
    else
      modules:
        import (nixpkgs + "/nixos/lib/eval-config.nix") {
          system = null;
          inherit modules;
        };

  system = name: more:
    evaluate ([
        (disko + "/module.nix")
        ../../modules
        (directory + "/${name}/host.nix")
        (directory + "/${name}/system.nix")
        {
          services.podmanBtrfs.package = helper;
          services.podmanBtrfs.planner = helper;
        }
      ]
      ++ more);

  stoodInFor = evaluated: lib.optionals (old != null) (old.stoodInFor evaluated);

  # Evaluated down to the derivation, which fails for an assertion.
  isDerivation = evaluated:
    lib.optional (!lib.hasSuffix ".drv" evaluated.config.system.build.toplevel.drvPath) "no derivation";

  texts = evaluated: let
    absent = stoodInFor evaluated;
  in
    import ./system-texts.nix {
      inherit lib evaluated;
      standIn = option: lib.elem option absent;
    };

  ofTemplate = name: let
    built = system name [];
    committed = system name [{services.podmanBtrfs.planFile = built.config.system.build.podmanBtrfsBundle;}];
    forced = lib.mapAttrs (_: unit: unit.text) committed.config.systemd.units;
  in {
    "template-${name}-planned-at-evaluation" = {
      failures = isDerivation built;
      stoodInFor = stoodInFor built;
    };
    "template-${name}-planned-by-file" = {
      failures =
        isDerivation committed
        ++ lib.optional (committed.config.environment.etc.fstab.text != built.config.environment.etc.fstab.text) "another fstab"
        ++ map (unit: "another ${unit}") (lib.filter (unit: forced.${unit} != built.config.systemd.units.${unit}.text) (lib.attrNames forced));
      stoodInFor = stoodInFor committed;
    };
    "template-${name}-says-what-is-planned" = {
      failures = texts built;
      stoodInFor = stoodInFor built;
    };
  };
in
  lib.optionalAttrs (nixpkgs != null) (lib.mergeAttrsList (map ofTemplate templates))
