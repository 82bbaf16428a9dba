# On what occasions a workload is snapshotted besides the schedule.
{lib, ...}: let
  inherit (lib) types;
  inherit (import ./make.nix {inherit lib;}) mkUnsaid;
in {
  options = {
    stop = mkUnsaid types.bool {
      example = true;
      description = "Whether it is snapshotted after the last of its containers has stopped. Null: it is not.";
    };

    imageUpdate = mkUnsaid types.bool {
      example = true;
      description = "Whether it is snapshotted before `podman-auto-update.service` replaces images. Null: it is not. (`podman-btrfs update` takes a snapshot in any case.)";
    };

    activation = mkUnsaid types.bool {
      example = true;
      description = "Whether it is snapshotted before a new configuration is activated. Null: it is not.";
    };
  };
}
