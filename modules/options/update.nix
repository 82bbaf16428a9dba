# When images are updated by themselves.
{lib, ...}: let
  inherit (lib) mkOption types;
in {
  options = {
    enable = lib.mkEnableOption ''
      a timer that updates the images of containers which are labelled `io.containers.autoupdate`, in place of
      `podman-auto-update.timer`: what fails goes back to the old image and the old data together
    '';

    calendar = mkOption {
      type = types.str;
      default = "daily";
      example = "Sun 03:00";
      description = "When, as a calendar event of systemd.";
    };

    healthWindow = mkOption {
      type = types.ints.between 0 86400;
      default = 90;
      example = 300;
      description = "For how many seconds it is watched what a new image does; what fails in them goes back.";
    };
  };
}
