# A place for copies that leave the filesystem.
{lib, ...}: let
  inherit (lib) mkOption types;
in {
  options = {
    url = mkOption {
      type = types.str;
      example = "ssh://backup@nas/srv/backup";
      description = "`ssh://user@host/path`, or the absolute path of another Btrfs on this host.";
    };

    keep = mkOption {
      type = types.submodule ./keep.nix;
      default = {};
      example = {
        daily = 30;
        monthly = 24;
      };
      description = "What is kept there. Empty: what the policy keeps on the host.";
    };
  };
}
