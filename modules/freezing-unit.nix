# A unit of ours that asks Podman, of all users, and takes snapshots meanwhile. `places` are the mounts that it needs.
{
  lib,
  pkgs,
  helper,
}: places: {
  documentation = ["man:podman-btrfs(1)"];
  after = ["podman-btrfs-apply.service"];
  requires = ["podman-btrfs-apply.service"];
  unitConfig.RequiresMountsFor = lib.unique places;
  # A switch neither repeats it nor cuts it short.
  restartIfChanged = false;
  # The Podman that runs the containers, and what rootless users need of setuid programs.
  path = [pkgs.btrfs-progs pkgs.getent pkgs.util-linux "/run/wrappers" "/run/current-system/sw"];

  serviceConfig =
    import ./hardening-with-podman.nix
    // {
      Type = "oneshot";
      StateDirectory = "podman-btrfs";
      StateDirectoryMode = "0700";
      # What it freezes is written down there, for who thaws it when it was killed.
      RuntimeDirectory = "podman-btrfs";
      RuntimeDirectoryMode = "0700";
      RuntimeDirectoryPreserve = true;
      # Whatever ended it: nothing stays frozen.
      ExecStopPost = "${helper} thaw";
    };
}
