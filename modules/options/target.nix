# A place for copies that leave the filesystem.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) mkUnsaid text;
in {
  options = {
    url = mkOption {
      type = types.str;
      example = "ssh://backup@nas/srv/backup";
      description = ''
        `ssh://user@host/path`, or the absolute path of another Btrfs on this host; of any filesystem, where copies are
        encrypted.
      '';
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

    encryption =
      mkUnsaid (types.submodule {
        options = {
          recipient = mkOption {
            type = text "40 digits of 0-9 and A-F";
            example = "5BC8D07EA8A3597F05D25B67889C6E5CCCEA96CE";
            description = "The fingerprint of the key of gpg that copies are encrypted for.";
          };

          keyring = mkOption {
            type = types.str;
            example = "/etc/podman-btrfs/offsite.gpg";
            description = ''
              A file on this host with that public key, as `gpg --export FINGERPRINT` writes it. It is no secret, and btrbk's
              user must be able to read it: `environment.etc` is a place for it.
            '';
          };
        };
      }) {
        example = {
          recipient = "5BC8D07EA8A3597F05D25B67889C6E5CCCEA96CE";
          keyring = "/etc/podman-btrfs/offsite.gpg";
        };
        description = ''
          Copies lie there as files that the target's host cannot read, each a whole one. The private key is not on this host:
          a copy comes back where it is. Null: they lie there as subvolumes.
        '';
      };
  };
}
