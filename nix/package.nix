# The helper: the builder of plans and the command on the host.
{
  lib,
  rustPlatform,
}: let
  inherit (lib) fileset;
  inherit ((lib.importTOML ../Cargo.toml).workspace) package;
in
  rustPlatform.buildRustPackage {
    pname = "podman-btrfs";
    inherit (package) version;

    # Only what the build and the tests read.
    src = fileset.toSource {
      root = ../.;
      fileset = fileset.unions [
        ../.cargo
        ../Cargo.lock
        ../Cargo.toml
        ../flake.nix
        ../modules
        ../nix/dev
        ../nix/docs/src
        ../rust
        ../templates
        ../tests/diffs
        ../tests/experiments
        ../tests/proofs
        ../tests/scenarios
      ];
    };

    cargoLock.lockFile = ../Cargo.lock;

    meta = {
      description = "Decides how Btrfs holds Podman workloads, and keeps it so";
      homepage = package.repository;
      license = lib.licenses.mit;
      mainProgram = "podman-btrfs";
      platforms = lib.platforms.linux;
    };
  }
