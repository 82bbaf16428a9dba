# From the declaration to the plan, in one of two ways with the same result: built during evaluation, or committed.
{
  config,
  lib,
  options,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (import ./options/make.nix {inherit lib;}) generated;
  inherit (import ./positions.nix {inherit config lib options;}) placed positionOf relative;

  # The builder is the helper itself: no shell, no standard environment, so the build takes milliseconds.
  planning = name: arguments: more:
    derivation ({
        inherit name;
        system = cfg.planner.system or pkgs.stdenv.buildPlatform.system;
        builder = "${cfg.planner}/bin/podman-btrfs";
        args = ["build"] ++ arguments;
        __structuredAttrs = true;
        outputs = ["out"];
        spec = import ./spec.nix {inherit config lib options;};
        preferLocalBuild = true;
        allowSubstitutes = false;
      }
      // more);

  built = planning "podman-btrfs-bundle.json" ["plan"] {};

  current = planning "podman-btrfs-plan-is-current" ["check"] {
    planFile = builtins.path {
      path = cfg.planFile;
      name = "bundle.json";
    };
    refresh = "install -m 644 $(nix build --no-link --print-out-paths .#nixosConfigurations.${
      config.networking.hostName or "HOST"
    }.config.system.build.podmanBtrfsBundle) ${relative (toString cfg.planFile)}";
  };

  # The plan may name paths of the store; it does not depend on them.
  parse = text: builtins.fromJSON (builtins.unsafeDiscardStringContext text);

  refused = {
    plan = {
      inherit (generated) planVersion;
      diagnostics = [];
      filesystems = {};
      engine = {
        system = null;
        users = {};
        storageConf = null;
        containersConf = null;
        requiresMountsFor = [];
      };
      workloads = {};
      protection = {
        jobs = [];
        unprotected = [];
      };
      images = {
        pulls = [];
        emulated = [];
      };
      density = {
        demands = [];
        sysctls = {};
        userTasksMax = null;
      };
      decisions = [];
    };
    nixos = {};
  };

  here = placed "services.podmanBtrfs.planFile" (positionOf ["planFile"]);

  committed = parse (builtins.readFile cfg.planFile);
  isBundle = committed ? plan && committed ? nixos;
  isReadable = isBundle && committed.plan.planVersion or null == generated.planVersion;
in {
  config = lib.mkIf cfg.enable (lib.mkMerge [
    {
      services.podmanBtrfs = {
        inherit (cfg.bundle) plan;
        bundle =
          if cfg.planFile == null
          then parse (builtins.readFile built)
          else if isReadable
          then committed
          else refused;
      };
      system.build.podmanBtrfsBundle = built;
    }

    (lib.mkIf (cfg.planFile != null) {
      system.checks = [current];
      assertions = [
        {
          assertion = isBundle;
          message = ''
            ${relative (toString cfg.planFile)} is not a bundle.
              at ${here}
              help: commit the bundle.json that `podman-btrfs plan --out` writes, or build system.build.podmanBtrfsBundle'';
        }
        {
          assertion = isBundle -> isReadable;
          message = ''
            ${relative (toString cfg.planFile)} is in format ${
              toString (committed.plan.planVersion or "unknown")
            }; this module reads format ${toString generated.planVersion}.
              at ${here}
              help: plan again with this version's helper'';
        }
      ];
    })
  ]);
}
