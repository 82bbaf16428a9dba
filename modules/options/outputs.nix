# What other modules may read: the plan, and values that follow from it.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) namedBy;

  place = example: description:
    mkOption {
      inherit example description;
      type = types.str;
      readOnly = true;
    };
in {
  options.services.podmanBtrfs = {
    bundle = mkOption {
      type = types.raw or types.unspecified;
      readOnly = true;
      internal = true;
      description = "The plan, and the values of NixOS options that the helper computed from it.";
    };

    plan = mkOption {
      type = types.raw or types.unspecified;
      readOnly = true;
      description = "The plan, as `podman-btrfs plan --format json` prints it.";
    };

    mounts = mkOption {
      type = types.raw or types.unspecified;
      readOnly = true;
      example = lib.literalExpression "{ virtualisation.fileSystems = config.services.podmanBtrfs.mounts; }";
      description = ''
        All planned mounts, in the form of `fileSystems`. The virtual machines of NixOS tests replace `fileSystems` as
        a whole; there `virtualisation.fileSystems` takes this.
      '';
    };

    volumes = mkOption {
      type = namedBy "workload" (namedBy "volume" (types.submodule {
        options = {
          hostPath = place "/srv/tank/shop/pgdata" "Where it is on the host; of several copies, the first one's.";
          instances = mkOption {
            type = namedBy "copy" types.str;
            readOnly = true;
            example = {
              shop = "/srv/tank/shop/pgdata";
              "shop@2" = "/srv/tank/shop@2/pgdata";
            };
            description = "Where each copy of it is: the workload's name, with `@2` and so on for further copies, to the path.";
          };
          filesystem = place "tank" "The filesystem that holds it.";
          subvolume = place "@volumes/shop" "The subvolume that the first copy is in, seen from the top level of the filesystem.";
        };
      }));
      readOnly = true;
      example = lib.literalExpression "config.services.podmanBtrfs.volumes.shop.pgdata.hostPath";
      description = "Where each volume is, so that nobody writes its path a second time.";
    };

    units = mkOption {
      type = namedBy "workload" (types.submodule {
        options = {
          containers = mkOption {
            type = namedBy "container" types.str;
            readOnly = true;
            example = {shop-db = "podman-shop-db.service";};
            description = "The unit that runs each container; a rootless quadlet's is one of its user.";
          };
          snapshot = mkOption {
            type = types.listOf types.str;
            readOnly = true;
            example = ["btrbk-gold-tank.service"];
            description = ''
              The units that take its snapshots, and those of other workloads under the same policy with them; starting
              one of btrbk's takes one now. Empty: nothing of it is snapshotted.
            '';
          };
        };
      });
      readOnly = true;
      example = lib.literalExpression ''
        {
          systemd.services.migrate = {
            wants = config.services.podmanBtrfs.units.shop.snapshot;
            after = config.services.podmanBtrfs.units.shop.snapshot;
          };
        }
      '';
      description = "The systemd units of each workload, with their endings.";
    };

    mountPoints = mkOption {
      type = namedBy "filesystem" (namedBy "role" types.str);
      readOnly = true;
      example = lib.literalExpression "config.services.podmanBtrfs.mountPoints.tank.snapshots";
      description = ''
        Where each filesystem is mounted, by what is there: `volumes`, `snapshots`, `engine-store`, `swap`. The system's own
        mounts, of which there are several, are in `mounts` alone.
      '';
    };

    containerVolumes = mkOption {
      type = namedBy "container" (types.listOf types.str);
      readOnly = true;
      example = lib.literalExpression ''
        {
          virtualisation.oci-containers.containers.shop-db.volumes =
            config.services.podmanBtrfs.containerVolumes.shop-db;
        }
      '';
      description = "What a container mounts: `<path on the host>:<path in the container>` for each of its volumes.";
    };
  };
}
