# What runs together and is restored together.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid namedBy;
in {
  options = {
    filesystem = mkUnsaid types.str {
      example = "tank";
      description = "The filesystem that holds its volumes. Null: the only one.";
    };

    containers = mkOption {
      type = namedBy "container" (types.submodule {
        options = {
          image = mkUnsaid types.str {
            example = "docker.io/library/postgres:17";
            description = ''
              Its image. Null: read from `virtualisation.oci-containers.containers.<container>.image`, or from
              `virtualisation.quadlet.containers.<container>.containerConfig.image` of quadlet-nix, where that is declared.
            '';
          };

          digests = mkOption {
            type = namedBy "platform" types.str;
            default = {};
            example = {"linux/arm64" = "sha256:0f1d…";};
            description = ''
              Digest of the image's manifest for each platform, not of the list that names the manifests of all. Empty:
              the tag decides at each pull.
            '';
          };
        };
      });
      default = {};
      example = {shop-web = {};};
      description = ''
        Its containers, by the name of the oci-container or quadlet. Their units get the mounts that they need as
        dependencies.
      '';
    };

    injectVolumes = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether its containers get what they mount from the plan: `virtualisation.oci-containers.containers.<container>.volumes`,
        where the container is declared there, else a drop-in of the quadlet of that name, which needs Podman 5. Off,
        `services.podmanBtrfs.containerVolumes` has the values to write there.
      '';
    };

    pod = mkUnsaid types.str {
      example = "shop";
      description = ''
        The pod that its containers share, by the name of the quadlet: `shop` for `shop.pod`, whose unit
        `shop-pod.service` then has what the containers' units have. Null: none.
      '';
    };

    user = mkUnsaid types.str {
      example = "alice";
      description = "The rootless owner. Null: root.";
    };

    replicas = mkUnsaid types.int {
      example = 200;
      description = "How many copies of this workload the host runs. Null: 1.";
    };

    renamedFrom = mkUnsaid types.str {
      example = "store";
      description = ''
        The name it had before. Its subvolumes are renamed by hand, which is instant: `podman-btrfs diff` and the
        journal of `podman-btrfs-apply.service` say how. Until then nothing empty is made in their place.
      '';
    };

    platforms = mkOption {
      type = types.listOf (types.enum generated.platforms);
      default = [];
      example = ["linux/amd64" "linux/arm64"];
      description = "Architectures whose images this host holds. Empty: the host's own.";
    };

    emulated = mkOption {
      type = types.listOf (types.enum generated.platforms);
      default = [];
      example = ["linux/arm64"];
      description = ''
        Those of `platforms` that are foreign to this host and whose containers or build steps run here all the same,
        under emulation. Empty: images of foreign platforms are only held, for other hosts.
      '';
    };

    volumes = mkOption {
      type = namedBy "volume" (types.submodule ./volume.nix);
      default = {};
      example = {pgdata.mounts.shop-db = "/var/lib/postgresql/data";};
      description = "What it stores.";
    };

    uses = mkOption {
      type = namedBy "workload/volume" (types.submodule ./use.nix);
      default = {};
      example = {"shop/media".mounts.reader = "/media";};
      description = ''
        Volumes of other workloads that its containers mount. The owner places and protects them; what this
        workload's snapshots hold does not change.
      '';
    };

    protection = mkUnsaid (types.submodule ./protection.nix) {
      example = {policy = "gold";};
      description = "What its volumes are worth. Null: nothing is snapshotted.";
    };

    existing = mkOption {
      type = types.submodule ./existing/workload.nix;
      default = {};
      example = {backup.method = "stop-and-copy";};
      description = "What is done for it today, and not by the plan.";
    };
  };
}
