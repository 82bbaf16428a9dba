# What none of our units may do. A unit adds what is its own: capabilities, the places it writes to, system calls.
#
# What is left open, and why (`checks/nix/run units-are-hardened` holds each unit against its bound):
# - root, and CAP_SYS_ADMIN: Btrfs tells its chunks, and takes orders, from nobody else.
# - other users, no root directory of its own: volumes belong to users of the host, and lie anywhere on it.
# - /home is read-only and not hidden: a filesystem may be mounted there.
# - no IPAddressDeny: without a network there is nobody to refuse.
# - all of /proc: when the host was booted is in /proc/stat.
{
  KeyringMode = "private";
  LockPersonality = true;
  MemoryDenyWriteExecute = true;
  NoNewPrivileges = true;
  PrivateMounts = true;
  PrivateNetwork = true;
  ProtectClock = true;
  ProtectControlGroups = true;
  ProtectHome = "read-only";
  ProtectHostname = true;
  ProtectKernelLogs = true;
  ProtectKernelModules = true;
  ProtectKernelTunables = true;
  ProtectProc = "invisible";
  # Directories of the unit's own are written to all the same.
  ProtectSystem = "strict";
  RestrictAddressFamilies = ["AF_UNIX"];
  RestrictNamespaces = true;
  RestrictRealtime = true;
  RestrictSUIDSGID = true;
  SystemCallArchitectures = "native";
  SystemCallErrorNumber = "EPERM";
  SystemCallFilter = ["@system-service"];
  UMask = "0077";
}
