# What the service of a unit is that asks Podman, of all users, and takes snapshots meanwhile.
helper:
import ./hardening-with-podman.nix
// {
  StateDirectory = "podman-btrfs";
  StateDirectoryMode = "0700";
  # What it freezes is written down there, for who thaws it when it was killed.
  RuntimeDirectory = "podman-btrfs";
  RuntimeDirectoryMode = "0700";
  RuntimeDirectoryPreserve = true;
  # Whatever ended it: nothing stays frozen.
  ExecStopPost = "${helper} thaw";
}
