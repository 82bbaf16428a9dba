# How a workload uses a volume of another one.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid namedBy;
in {
  options = {
    mounts = mkOption {
      type = namedBy "container" types.str;
      default = {};
      example = {reader = "/media";};
      description = "Where it is mounted: container of this workload to path in the container.";
    };

    access = mkUnsaid (types.enum generated.accesses) {
      example = "read-write";
      description = "Whether its containers may write there. Null: read-only.";
    };
  };
}
