# How much may be lost, and what is kept for how long.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid text;
in {
  options = {
    rpo = mkUnsaid (text "such as `15min`") {
      example = "15min";
      description = "How much may be lost: the age that the newest snapshot may reach. The schedule follows from it. Null: `1d`.";
    };

    keep = mkOption {
      type = types.submodule ./keep.nix;
      default = {};
      example = {
        hourly = 24;
        daily = 14;
      };
      description = "What is kept on the host.";
    };

    targets = mkOption {
      type = types.listOf types.str;
      default = [];
      example = ["nas"];
      description = "Where copies go: names of `services.podmanBtrfs.targets`.";
    };

    tool = mkUnsaid (types.enum generated.snapshotTools) {
      example = "btrbk";
      description = "The tool that takes and prunes the snapshots. Null: decided.";
    };
  };
}
