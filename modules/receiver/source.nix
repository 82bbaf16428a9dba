# One host that may send copies here.
{
  lib,
  name,
  receiver,
  ...
}: let
  inherit (lib) mkOption types;
in {
  options = {
    publicKey = mkOption {
      type =
        types.strMatching "(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( [^\"\n]*)?"
        // {description = "text, a public key of ssh on one line";};
      example = "ssh-ed25519 AAAA… btrbk@shop";
      description = ''
        The public half of the key that this host sends with. It is good for nothing else here, and belongs to one
        source only.
      '';
    };

    path = mkOption {
      type = receiver.place;
      default = "${receiver.path}/${name}";
      defaultText = lib.literalExpression ''"''${config.services.podmanBtrfs.receiver.path}/<name>"'';
      example = "/srv/backup/shop";
      description = ''
        The directory that its copies lie in, by themselves; it is made. The source's target is
        `ssh://<user>@<this host><path>`.
      '';
    };

    from = mkOption {
      type = types.listOf (types.strMatching "!?[0-9A-Za-z.:*?/_-]+" // {description = "text, a pattern of addresses or names";});
      default = [];
      example = ["192.0.2.7" "2001:db8::/64"];
      description = "The addresses it may come from, as `from=` of `authorized_keys` has them. Empty: any.";
    };

    mayRead = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = ''
        Whether it may read its own copies back, as a restore does: nothing else here is read with its key. Without it a lost host is
        restored by a key that is given to it for that time.
      '';
    };

    encrypted = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether its copies are encrypted files, as a target with `targets.<name>.encryption` there sends them, and not subvolumes.
        They are written once and never over; with `mayRead` it reads them back as they are. This host can read none of them.
      '';
    };

    appendOnly = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether it may only add copies. What ruins the source then ruins no copy, and old copies are removed on this host.
        The source must not try to: set `target_preserve_min = "all"` for this target there, or, where it is encrypted, a `keep` of
        it that is never reached, such as `daily = 100000`. Otherwise the
        source removes its own copies, by what `targets.<name>.keep` says there.
      '';
    };
  };
}
