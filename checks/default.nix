# What `nix flake check` runs.
{pkgs}: let
  inherit (pkgs) lib;
  inherit (import ../nix/packages.nix {inherit pkgs;}) podman-btrfs;

  # The package's own build environment, with another last step.
  withCargo = name: {
    tools,
    command,
  }:
    podman-btrfs.overrideAttrs (previous: {
      name = "podman-btrfs-${name}";
      nativeBuildInputs = previous.nativeBuildInputs ++ tools;
      buildPhase = command;
      doCheck = false;
      installPhase = "touch $out";
    });

  ofCargo = lib.mapAttrs withCargo {
    clippy = {
      tools = [pkgs.clippy];
      command = "cargo clippy --offline --workspace --all-targets -- --deny warnings";
    };
    rustfmt = {
      tools = [pkgs.rustfmt];
      command = "cargo fmt --all -- --check --config-path rust";
    };
  };

  # Evaluated already when it is built, which only says what came of it.
  told = name: failures:
    pkgs.runCommand name {failures = lib.concatLines failures;} ''
      printf %s "$failures" >&2
      test -z "$failures"
      touch $out
    '';

  evaluated = import ./nix/all.nix {
    inherit lib;
    inherit (import ./nix/inputs.nix) disko;
    nixpkgs = pkgs.path;
    helper = podman-btrfs;
  };

  ofModule =
    lib.mapAttrs' (name: failures: lib.nameValuePair "module-${name}" (told name failures))
    (evaluated.cases // lib.mapAttrs (_: system: system.failures) evaluated.systems);
in
  {package = podman-btrfs;} // ofCargo // ofModule // import ./vm {inherit pkgs;}
