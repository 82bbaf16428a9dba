# Each template as a whole NixOS system, evaluated down to its derivation; needs all of nixpkgs.
{
  lib,
  disko,
  nixpkgs,
  helper,
}: let
  directory = ../../templates;
  templates = lib.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir directory));

  system = name:
    import (nixpkgs + "/nixos/lib/eval-config.nix") {
      system = null;
      modules = [
        (disko + "/module.nix")
        ../../modules
        (directory + "/${name}/host.nix")
        (directory + "/${name}/system.nix")
        {
          services.podmanBtrfs.package = helper;
          services.podmanBtrfs.planner = helper;
        }
      ];
    };
in {
  cases = lib.optionalAttrs (nixpkgs != null) (lib.listToAttrs (map (name:
    lib.nameValuePair "template-${name}-is-a-whole-system" (
      lib.optional (!lib.hasSuffix ".drv" (system name).config.system.build.toplevel.drvPath) "no derivation"
    ))
  templates));
}
