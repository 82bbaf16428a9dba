# What is left of hardening.nix for a unit that runs programs in containers: they inherit the filters of system calls, the
# bounds of capabilities and the network of the unit, so it may have none that a container does not have by itself.
# Pausing is done by control groups; rootless stores are in homes and in /run/user.
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
}
