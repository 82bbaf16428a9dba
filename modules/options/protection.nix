# What the volumes of a workload are worth.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid namedBy text;

  mkCommand = when:
    mkOption {
      type = types.listOf types.str;
      default = [];
      example = ["sync"];
      description = "Run in the container ${when}: an argument list, no shell reads it.";
    };
in {
  options = {
    policy = mkOption {
      type = types.str;
      example = "gold";
      description = "The policy, one of `services.podmanBtrfs.policies`.";
    };

    consistency = mkUnsaid (types.enum generated.consistencies) {
      example = "application";
      description = ''
        What a snapshot shows: `none` each volume at its own moment, `crash` all volumes at one moment as after a
        power cut, `application` all volumes at one moment after the applications were quiesced. Null: `crash`.
      '';
    };

    hooks = mkOption {
      type = namedBy "container" (types.submodule {
        options = {
          freeze = mkCommand "before the snapshot";
          thaw = mkCommand "after it, whatever happened";

          timeout = mkUnsaid (text "such as `30s`") {
            example = "2min";
            description = "How long each of the two may take. Null: `30s`.";
          };

          onError = mkUnsaid (types.enum generated.onErrors) {
            example = "fail";
            description = ''
              What it means that one fails or takes longer: `fail` no snapshot is taken, `continue` it is taken all the
              same and records that it is crash-consistent. Null: `continue`.
            '';
          };

          replaces = mkUnsaid types.bool {
            example = true;
            description = ''
              Whether it takes the place of what is supplied for the database engine in the container. Null: it does not,
              and `freeze` runs before that and `thaw` after it.
            '';
          };
        };
      });
      default = {};
      example = {shop-web.freeze = ["sync"];};
      description = ''
        Commands around the snapshot, run in the container where `consistency` is `application`. They add to what is
        supplied for the database engine in it, or replace that.
      '';
    };

    dumps = mkOption {
      type = namedBy "container" (types.submodule {
        options = {
          into = mkOption {
            type = types.str;
            example = "dumps";
            description = "The volume that keeps it, of the same workload. It is in its snapshots.";
          };

          engine = mkUnsaid (types.enum generated.databaseEngines) {
            example = "postgresql";
            description = ''
              The engine: PostgreSQL, MariaDB or MySQL. Null: that of a volume that the container mounts, or of its
              image.
            '';
          };

          timeout = mkUnsaid (text "such as `1h`") {
            example = "2h";
            description = "How long it may take. Null: `1h`.";
          };

          onError = mkUnsaid (types.enum generated.onErrors) {
            example = "fail";
            description = ''
              What it means that it fails or takes longer: `fail` no snapshot is taken, `continue` it is taken all the
              same, holds the dump before and says so. Null: `continue`.
            '';
          };
        };
      });
      default = {};
      example = {shop-db.into = "dumps";};
      description = ''
        Dumps that are made before each snapshot, by the container of the database: for data that is in no snapshot
        itself.
      '';
    };

    freezeBudget = mkUnsaid (text "such as `10s`") {
      example = "3s";
      description = ''
        The longest that a snapshot may hold the containers still; past it they go on, whatever it has reached. Null:
        `10s`.
      '';
    };

    snapshotOn = mkOption {
      type = types.submodule ./snapshot-on.nix;
      default = {};
      example = {activation = true;};
      description = "When it is snapshotted besides the schedule.";
    };
  };
}
