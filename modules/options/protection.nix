# What the volumes of a workload are worth.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid namedBy;

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
        options.freeze = mkCommand "before the snapshot";
        options.thaw = mkCommand "after it, whatever happened";
      });
      default = {};
      example = {shop-web.freeze = ["sync"];};
      description = "Commands around the snapshot; they add to the supplied ones or replace them.";
    };
  };
}
