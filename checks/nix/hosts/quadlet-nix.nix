# What the module of quadlet-nix declares, as far as it is read.
{lib, ...}: let
  inherit (lib) mkOption types;
in {
  options.virtualisation.quadlet.containers = mkOption {
    type = types.attrsOf (types.submodule ({name, ...}: {
      options = {
        containerConfig.image = mkOption {
          type = types.nullOr types.str;
          default = null;
        };
        _serviceName = mkOption {
          type = types.str;
          default = name;
        };
      };
    }));
    default = {};
  };
}
