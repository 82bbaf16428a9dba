# What is there of a filesystem today and the plan does not own.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ../make.nix {inherit lib;}) generated mkUnsaid namedBy;

  snapshots = types.submodule {
    options = {
      every = mkUnsaid types.str {
        example = "2h";
        description = "How often they are taken. Null: unknown.";
      };

      directory = mkUnsaid types.str {
        example = "/home/.snapshots";
        description = "The directory that keeps them. Null: unknown.";
      };

      copied = mkUnsaid types.bool {
        example = true;
        description = "Whether copies of them leave the filesystem. Null: unknown, and nothing relies on it.";
      };
    };
  };

  mount = types.submodule {
    options = {
      subvolume = mkUnsaid types.str {
        example = "@apps";
        description = "The subvolume, as `subvol=` names it, without a slash in front. Null: the default one.";
      };

      options = mkOption {
        type = types.listOf types.str;
        default = [];
        example = ["compress=zstd:1" "nofail"];
        description = "Its options, one each, without `subvol=`.";
      };

      holds = mkUnsaid (types.enum generated.existingContents) {
        example = "data";
        description = "What lies there. Null: told by mount point and subvolume.";
      };

      snapshots = mkUnsaid snapshots {
        example = {every = "1d";};
        description = "The snapshots that some other tool takes of it. Null: none that anybody knows of.";
      };
    };
  };
in {
  options = {
    mounts = mkOption {
      type = namedBy "path" mount;
      default = {};
      example = {
        "/data/apps" = {
          subvolume = "@apps";
          options = ["compress=zstd:1" "nofail"];
        };
      };
      description = ''
        Its other mounts, by mount point: each as it stands in `fileSystems`, or in disko's layout. They are never
        changed; the options of the plan's own mounts follow from the one that is mounted first.
      '';
    };

    keyFile = mkUnsaid types.str {
      example = "/run/agenix/data-key";
      description = "The file that unlocks its encryption. Null: a passphrase, a token, or unknown.";
    };

    keyUnit = mkUnsaid types.str {
      example = "agenix-install-secrets.service";
      description = "The unit that makes the key file at each boot. Null: unknown.";
    };
  };
}
