# A named piece of persistent data.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid namedBy text;
in {
  options = {
    mounts = mkOption {
      type = namedBy "container" types.str;
      default = {};
      example = {shop-db = "/var/lib/postgresql/data";};
      description = "Where it is mounted: container to path in the container.";
    };

    readOnlyIn = mkOption {
      type = types.listOf types.str;
      default = [];
      example = ["shop-web"];
      description = "Containers among `mounts` that only read it: their mount is read-only. Empty: all write.";
    };

    class = mkUnsaid (types.enum generated.classes) {
      example = "database";
      description = "What kind of data it holds. Null: inferred from image, path and name, with the reason.";
    };

    engine = mkUnsaid (types.enum generated.databaseEngines) {
      example = "postgresql";
      description = "The database engine that writes it. Null: inferred.";
    };

    engineChecksums = mkUnsaid types.bool {
      example = true;
      description = ''
        Whether that engine checks each page it reads by a checksum of its own. Null: as the engine is known to do;
        PostgreSQL decided it when the cluster was made (`SHOW data_checksums`), so there it counts as no.
      '';
    };

    size = mkUnsaid (text "such as `200G`") {
      example = "200G";
      description = "How large it gets; with `growth`, how large it is at the beginning. Null: unknown.";
    };

    growth = mkUnsaid (text "such as `1G/day`") {
      example = "1G/day";
      description = "How much is added. Null: unknown.";
    };

    churn = mkUnsaid (text "such as `1G/day`") {
      example = "20G/day";
      description = ''
        How much is overwritten or replaced: what differs from one day to the next, counted once however often the
        same place is written. Null: unknown.
      '';
    };

    limit = mkUnsaid (text "such as `200G`") {
      example = "300G";
      description = "The size that it is not allowed to pass; enforced. Null: none.";
    };

    filesystem = mkUnsaid types.str {
      example = "tank";
      description = "The filesystem that holds it. Null: the workload's.";
    };

    copyOnWrite = mkUnsaid types.bool {
      example = true;
      description = "Whether it is copied on write. Null: decided; else an override, recorded as one.";
    };

    compression = mkUnsaid (types.enum generated.compressions) {
      example = "zstd";
      description = "How it is compressed. Null: decided; else an override, recorded as one.";
    };

    snapshot = mkUnsaid types.bool {
      example = false;
      description = "Whether it is in its workload's snapshots. Null: decided; else an override, recorded as one.";
    };

    existing = mkUnsaid (types.submodule ./existing/volume.nix) {
      example = {path = "/data/apps/postgresql/16";};
      description = "Where its data lies today; planning moves nothing. Null: nowhere, or unknown.";
    };
  };
}
