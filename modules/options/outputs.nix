# What other modules may read: the plan, and values that follow from it.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) namedBy;
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
