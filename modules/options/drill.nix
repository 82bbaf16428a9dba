# When it is tried whether what is kept comes back, and from where.
{lib, ...}: let
  inherit (lib) mkOption types;
in {
  options = {
    enable = lib.mkEnableOption ''
      a timer that restores the newest snapshot of each workload into a throw-away place and looks whether it comes back. It
      reads all of it, and starts databases in throw-away containers without network'';

    calendar = mkOption {
      type = types.str;
      default = "monthly";
      example = "weekly";
      description = ''
        When, as a calendar event of systemd. What was not proven for 35 days is an alert, so more seldom than monthly it
        alerts before each drill.
      '';
    };

    fromTargets = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = ''
        Whether the copy at each target is drilled too, and not only what is on this host. All of it is received each
        time, over the network where the target is elsewhere.
      '';
    };

    gnupgHome = mkOption {
      # It is a word of a unit, and nothing in it is to be escaped there.
      type = types.nullOr (types.strMatching "/[A-Za-z0-9._/-]+");
      default = null;
      example = "/run/keys/gnupg";
      description = ''
        Where gpg finds the private key that encrypted copies at targets are read with, as a directory of root's. Without it their drill
        says that the key is not here. Who takes a host that has it can read those copies too.
      '';
    };
  };
}
