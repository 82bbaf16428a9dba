# Where the data of a volume lies today; planning moves nothing.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ../make.nix {inherit lib;}) generated mkUnsaid;
in {
  options = {
    path = mkOption {
      type = types.str;
      example = "/data/apps/postgresql/16";
      description = "The directory on the host.";
    };

    filesystemType = mkUnsaid (types.enum generated.filesystemTypes) {
      example = "ext4";
      description = ''
        The filesystem type there. Null: Btrfs below one of `filesystems.<filesystem>.existing.mounts`, else unknown.
      '';
    };
  };
}
