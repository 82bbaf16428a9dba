# What rootless Podman needs of its users: their service manager from the boot on, and ranges of subordinate ids.
#
# The declaration of the option is extended in place of a definition: a user whom nobody declares (one of a directory
# service) is not made. Nothing of the plan is read, so the planner can read the users' numbers.
{
  config,
  lib,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (lib) types;
in {
  options.users.users = lib.mkOption {
    type = types.attrsOf (types.submodule ({
      name,
      config,
      options,
      ...
    }: {
      config = lib.mkIf (cfg.enable && cfg.engine.users ? ${name}) (
        # Without it the user's containers end when the user logs out, and none start at boot.
        lib.optionalAttrs (options ? linger) {linger = lib.mkDefault true;}
        # Those that NixOS gives to people it does not give to accounts of services. Ranges that somebody wrote stay.
        // lib.optionalAttrs (options ? autoSubUidGidRange) {
          autoSubUidGidRange = lib.mkIf (config.subUidRanges == [] && config.subGidRanges == []) (lib.mkDefault true);
        }
      );
    }));
  };
}
