# Podman's own storage.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid namedBy;
in {
  options = {
    filesystem = mkUnsaid types.str {
      example = "tank";
      description = "The filesystem that holds Podman's stores. Null: the only one.";
    };

    driver = mkUnsaid (types.enum generated.drivers) {
      example = "overlay";
      description = "The storage driver. Null: decided.";
    };

    users = mkOption {
      type = namedBy "user" (types.submodule {});
      default = {};
      example = {alice = {};};
      description = "Users with a rootless store on that filesystem.";
    };

    existing = mkOption {
      type = types.submodule ./existing/engine.nix;
      default = {};
      example = {prune.all = true;};
      description = "What is done with it today, and not by the plan.";
    };
  };
}
