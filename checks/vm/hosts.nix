# Scripts of tests/machine with their hosts: for each generation of a host the modules of its machine. Each has its plan
# committed, so that `nix flake check --no-build` and `nix flake show` evaluate it without building anything;
# `UPDATE=1 checks/nix/run the-plans-of-the-machines-are-current` writes them.
{lib}: let
  scripts = ../../tests/machine;
  names = map (lib.removeSuffix ".py") (lib.filter (lib.hasSuffix ".py") (lib.attrNames (builtins.readDir scripts)));

  # One declaration, or one for each generation; a machine begins with the first.
  declarations = name: host:
    if host ? scenario
    then {first = ../../tests/scenarios + "/${host.scenario}/host.nix";}
    else import (scripts + "/generations/${name}.nix");

  machine = name: host: generation: declaration: {
    imports = [
      ../../modules
      declaration
      (import ./machine.nix (removeAttrs host ["scenario"]))
    ];
    services.podmanBtrfs.planFile = ./plans + "/${name}/${generation}.json";
  };
in
  lib.genAttrs names (name: let
    host = lib.importJSON (../machine/hosts + "/${name}.json");
  in {
    script = scripts + "/${name}.py";
    generations = lib.mapAttrs (machine name host) (declarations name host);
  })
