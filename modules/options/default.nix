# Every option of services.podmanBtrfs.
{
  lib,
  pkgs,
  ...
}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid namedBy;

  ruleList = lib.concatStringsSep "\n" (lib.mapAttrsToList
    (code: rule: "- `${code}` ${rule.name} (${rule.level}): ${rule.summary}")
    generated.rules);
in {
  imports = [./outputs.nix];

  options.services.podmanBtrfs = {
    enable = lib.mkEnableOption "the planned Btrfs layout, attributes and snapshots of Podman workloads";

    host = mkOption {
      type = types.submodule ./host.nix;
      default = {};
      example = {memory = "64G";};
      description = "The machine itself, as far as plans depend on it.";
    };

    filesystems = mkOption {
      type = namedBy "filesystem" (types.submodule ./filesystem.nix);
      default = {};
      example = {tank.disks = ["/dev/disk/by-id/nvme-a"];};
      description = "The Btrfs filesystems.";
    };

    otherMountPoints = mkOption {
      type = types.listOf types.str;
      default = [];
      example = ["/"];
      description = ''
        Entries of `fileSystems` that are on Btrfs filesystems other than these, where the names of their devices do not
        tell: one by UUID, the other by partition. They may ask for other mount options.
      '';
    };

    engine = mkOption {
      type = types.submodule ./engine.nix;
      default = {};
      example = {users.alice = {};};
      description = "Podman's own storage.";
    };

    workloads = mkOption {
      type = namedBy "workload" (types.submodule ./workload.nix);
      default = {};
      example = {
        shop = {
          containers.shop-db.image = "docker.io/library/postgres:17";
          volumes.pgdata.mounts.shop-db = "/var/lib/postgresql/data";
          protection.policy = "gold";
        };
      };
      description = "What runs, and what it stores.";
    };

    policies = mkOption {
      type = namedBy "policy" (types.submodule ./policy.nix);
      default = {};
      example = {
        gold = {
          rpo = "15min";
          keep.daily = 14;
        };
      };
      description = "How much may be lost, and what is kept for how long.";
    };

    targets = mkOption {
      type = namedBy "target" (types.submodule ./target.nix);
      default = {};
      example = {nas.url = "ssh://backup@nas/srv/backup";};
      description = "Where copies go that leave the host.";
    };

    rules = mkOption {
      type = namedBy "code" (types.submodule {
        options.level = mkUnsaid (types.enum generated.levels) {
          example = "warn";
          description = "What happens when the rule fires. Null: as the rule itself says.";
        };
      });
      default = {};
      example = {"PB402".level = "warn";};
      description = ''
        Levels of single rules, by code. `podman-btrfs explain CODE` prints a rule's page.

        ${ruleList}
      '';
    };

    update = mkOption {
      type = types.submodule ./update.nix;
      default = {};
      example = {enable = true;};
      description = "When images are updated by themselves, with their data.";
    };

    monitoring = mkOption {
      type = types.submodule ./monitoring.nix;
      default = {};
      example = {enable = true;};
      description = "What a monitoring system is told of this host.";
    };

    drill = mkOption {
      type = types.submodule ./drill.nix;
      default = {};
      example = {enable = true;};
      description = "Restore drills: the proof that what is kept comes back.";
    };

    planFile = mkUnsaid types.path {
      example = lib.literalExpression "./bundle.json";
      description = ''
        A committed `bundle.json`, as `podman-btrfs plan --out` writes it. It is read in place of planning during
        evaluation, and the system's build fails with the difference when it no longer belongs to the options.
        `system.build.podmanBtrfsBundle` builds the one that does. Null: the plan is built during evaluation.
      '';
    };

    package = mkOption {
      type = types.package;
      default = pkgs.podman-btrfs or (pkgs.callPackage ../../nix/package.nix {});
      defaultText = lib.literalExpression "pkgs.podman-btrfs";
      example = lib.literalExpression "pkgs.podman-btrfs";
      description = "The helper that runs on the host.";
    };

    planner = mkOption {
      type = types.package;
      default = pkgs.buildPackages.podman-btrfs or (pkgs.buildPackages.callPackage ../../nix/package.nix {});
      defaultText = lib.literalExpression "pkgs.buildPackages.podman-btrfs";
      example = lib.literalExpression "podman-btrfs.packages.x86_64-linux.podman-btrfs";
      description = ''
        The helper that plans. Without `planFile` it runs during evaluation, so it is of the evaluating machine's
        platform, which for a host of another architecture is not the host's.
      '';
    };
  };
}
