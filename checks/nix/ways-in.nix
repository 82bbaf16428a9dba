# The ways to the module and the helper: the flake's, the overlay's, and default.nix without flakes.
{lib}: let
  standIn = system: import ./stand-in-packages.nix {inherit lib system;};
  nixpkgs = {
    inherit lib;
    legacyPackages = lib.genAttrs ["x86_64-linux" "aarch64-linux"] standIn;
  };
  flake = (import ../../flake.nix).outputs {
    inherit nixpkgs;
    self = flake;
  };

  # With the packages of one platform, which are built on another one.
  evaluate = pkgs: modules:
    (lib.evalModules {
      class = "nixos";
      modules = [./nixos-stubs.nix {_module.args.pkgs = lib.mkForce pkgs;}] ++ modules;
    })
    .config
    .services
    .podmanBtrfs;

  crossed =
    standIn "aarch64-linux"
    // {
      stdenv = {
        hostPlatform.system = "aarch64-linux";
        buildPlatform.system = "x86_64-linux";
      };
    };
  withOverlay = crossed // {podman-btrfs = other;};
  other = derivation {
    name = "other";
    system = "aarch64-linux";
    builder = "/nothing-builds-this";
  };
  nobodyBuildsFor =
    crossed
    // {
      stdenv = {
        hostPlatform.system = "riscv64-linux";
        buildPlatform.system = "x86_64-linux";
      };
    };

  inherit (flake) nixosModules packages;
  direct = import ../.. {pkgs = standIn "x86_64-linux";};
  expect = what: actual: expected: lib.optional (actual != expected) "${what}: expected ${expected}, found ${actual}";
in {
  the-flakes-module-brings-the-flakes-helper = let
    cfg = evaluate crossed [nixosModules.default];
  in
    expect "package" cfg.package.drvPath packages.aarch64-linux.podman-btrfs.drvPath
    ++ expect "planner" cfg.planner.drvPath packages.x86_64-linux.podman-btrfs.drvPath;

  the-overlays-helper-wins-over-the-flakes =
    expect "package" (evaluate withOverlay [nixosModules.default]).package.drvPath other.drvPath;

  a-users-helper-wins-over-the-flakes =
    expect "package" (evaluate crossed [nixosModules.default {services.podmanBtrfs.package = other;}]).package.drvPath other.drvPath;

  a-platform-without-a-helper-of-the-flake-builds-its-own =
    expect "name" (evaluate nobodyBuildsFor [nixosModules.default]).package.name "podman-btrfs";

  the-flakes-module-may-be-imported-twice = let
    cfg = evaluate crossed [nixosModules.default nixosModules.podmanBtrfs ../../modules {imports = [nixosModules.default];}];
  in
    expect "package" cfg.package.drvPath packages.aarch64-linux.podman-btrfs.drvPath;

  without-flakes-there-is-the-same = let
    fromFlake = packages.x86_64-linux;
    cfg = evaluate (standIn "x86_64-linux") [direct.nixosModules.default];
  in
    expect "default" direct.default.drvPath fromFlake.default.drvPath
    ++ expect "podman-btrfs-static" direct.podman-btrfs-static.drvPath fromFlake.podman-btrfs-static.drvPath
    ++ expect "the module's helper" cfg.package.name "podman-btrfs"
    ++ expect "the overlay's helper" (direct.overlays.default (standIn "x86_64-linux") {}).podman-btrfs.drvPath fromFlake.default.drvPath;
}
