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

  # The module's checks plan during evaluation. Here they are built, by a Nix of their own with a store of its own, so
  # that neither `nix flake check --no-build` nor `nix flake show` has to build anything to know what there is.
  module =
    pkgs.runCommand "podman-btrfs-module" {
      nativeBuildInputs = [pkgs.nix pkgs.python3];
      src = lib.fileset.toSource {
        root = ../.;
        # What the helper is made from is in it too: the flake's outputs name it.
        fileset = lib.fileset.unions [
          ./lab
          ./machine
          ./nix
          ./vm
          ../.cargo
          ../Cargo.lock
          ../Cargo.toml
          ../default.nix
          ../flake.nix
          ../modules
          ../nix
          ../rust
          ../templates
          ../tests/machine
          ../tests/scenarios
        ];
      };
      PODMAN_BTRFS = lib.getExe podman-btrfs;
      NIX_PATH = "nixpkgs=${pkgs.path}:disko=${(import ./nix/inputs.nix).disko}";
    } ''
      export HOME=$PWD/home TMPDIR=$PWD/tmp
      export NIX_STORE_DIR=$PWD/nix/store NIX_STATE_DIR=$PWD/nix/state NIX_LOG_DIR=$PWD/nix/log NIX_CONF_DIR=$PWD/nix/conf
      mkdir -p "$HOME" "$TMPDIR" "$NIX_STORE_DIR" "$NIX_STATE_DIR" "$NIX_LOG_DIR" "$NIX_CONF_DIR"
      python3 "$src/checks/nix/run" | tee "$out"
      grep --quiet ^passed "$out"
    '';
in
  {
    package = podman-btrfs;
    inherit module;
  }
  // ofCargo
  // import ./vm {inherit pkgs;}
