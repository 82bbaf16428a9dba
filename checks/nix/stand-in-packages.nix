# Packages that are nothing but derivations with the right names.
{
  lib,
  system,
}: let
  named = name: mainProgram: attributes:
    lib.extendDerivation true {
      inherit name;
      meta = {inherit mainProgram;};
      # What a derivation from the standard environment has. The attributes are forced: they may be wrong.
      overrideAttrs = change: let
        changed = change (attributes // {nativeBuildInputs = attributes.nativeBuildInputs or [];});
      in
        named changed.name or name mainProgram (attributes // changed);
      nativeBuildInputs = [];
    } (derivation {
      inherit name system;
      builder = "/nothing-builds-this";
      given = builtins.toJSON (removeAttrs attributes ["meta" "src" "cargoLock"]);
      src = "${attributes.src or ""}";
    });

  packages =
    lib.genAttrs ["alejandra" "btrbk" "btrfs-progs" "cargo" "cargo-nextest" "clippy" "coreutils" "diffutils" "nix" "podman" "python3" "rustc" "rustfmt" "snapper"]
    (name: named name name {})
    // {
      inherit lib;
      path = ./.;
      stdenv = lib.genAttrs ["hostPlatform" "buildPlatform"] (_: {inherit system;});
      rustPlatform.buildRustPackage = arguments: named arguments.pname arguments.meta.mainProgram arguments;
      callPackage = file: more: let
        make = import file;
      in
        make (builtins.intersectAttrs (builtins.functionArgs make) packages // more);
      pkgsStatic = packages;
      mkShell = named "shell" "bash";
      runCommand = name: attributes: command: named name name (attributes // {inherit command;});
      treefmt.withConfig = named "treefmt" "treefmt";
      writeShellApplication = arguments: named arguments.name arguments.name arguments;
      # The machines themselves are evaluated by vm.nix.
      testers.runNixOSTest = test:
        named "vm-test-${test.name}" test.name {
          script = test.testScript {nodes = lib.mapAttrs (name: _: {system.build.toplevel = "/${name}";}) test.nodes;};
        };
    };
in
  packages
