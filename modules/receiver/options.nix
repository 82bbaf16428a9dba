# The receiving side's options.
{
  config,
  lib,
  ...
}: let
  inherit (lib) mkOption types;
  inherit (import ../options/make.nix {inherit lib;}) namedBy;

  # Neither a blank nor anything that a shell, sudo's rules or `authorized_keys` read as more than a letter.
  place =
    types.strMatching "(/[A-Za-z0-9_@][A-Za-z0-9._@-]*)+"
    // {description = "text, an absolute path of letters, digits, `.`, `_`, `@` and `-`";};
in {
  options.services.podmanBtrfs.receiver = {
    enable = lib.mkEnableOption "receiving copies that btrbk on other hosts sends";

    path = mkOption {
      type = place;
      default = "/srv/backup";
      example = "/srv/tank/copies";
      description = "A directory on a Btrfs, below which each source has its own.";
    };

    user = mkOption {
      type = types.strMatching "[a-z_][a-z0-9_-]*";
      default = "backup";
      example = "receiver";
      description = "The user that sources log in as. It is made, and can do nothing but what the keys are forced to.";
    };

    sources = mkOption {
      type = namedBy "source" (types.submoduleWith {
        modules = [./source.nix];
        specialArgs.receiver = {
          inherit (config.services.podmanBtrfs.receiver) path;
          inherit place;
        };
      });
      default = {};
      example = {
        shop.publicKey = "ssh-ed25519 AAAA… btrbk@shop";
      };
      description = "The hosts that send copies here.";
    };
  };
}
