# What a unit of ours may not do that asks Podman, of all users, and takes snapshots meanwhile.
#
# It runs commands in containers, and what is started there inherits the filters of system calls, the bounds of
# capabilities and the network of this unit: it may have none that a container does not have by itself. Pausing is done
# by control groups; rootless stores are in homes and in /run/user.
helper:
removeAttrs (import ./hardening.nix) [
  "LockPersonality"
  "MemoryDenyWriteExecute"
  "NoNewPrivileges"
  "PrivateNetwork"
  "ProtectClock"
  "ProtectControlGroups"
  "ProtectHome"
  "ProtectHostname"
  "ProtectKernelLogs"
  "ProtectKernelModules"
  "RestrictAddressFamilies"
  "RestrictNamespaces"
  "RestrictRealtime"
  "RestrictSUIDSGID"
  "SystemCallArchitectures"
  "SystemCallErrorNumber"
  "SystemCallFilter"
]
// {
  # /usr, /boot and /etc: containers' stores lie anywhere else.
  ProtectSystem = "full";
  StateDirectory = "podman-btrfs";
  StateDirectoryMode = "0700";
  # What it freezes is written down there, for who thaws it when it was killed.
  RuntimeDirectory = "podman-btrfs";
  RuntimeDirectoryMode = "0700";
  RuntimeDirectoryPreserve = true;
  # Whatever ended it: nothing stays frozen.
  ExecStopPost = "${helper} thaw";
}
