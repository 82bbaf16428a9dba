//! What is taken of a container or a snapshot where the declaration cannot say it. Each number names its origin:
//! measured by a proof, reported by users, or our choice.

/// Processes and threads of a container with its conmon: our choice, a service of moderate size.
pub const TASKS: u64 = 32;
/// Open files of a container with its conmon: our choice, above conmon's own.
pub const OPEN_FILES: u64 = 256;
/// Inotify instances of a container: our choice, a service that watches its configuration and its logs.
pub const INOTIFY_INSTANCES: u64 = 4;
/// Inotify watches of a container: our choice.
pub const INOTIFY_WATCHES: u64 = 1024;
/// Keys of a rootless container: as users reported.
pub const KEYS: u64 = 15;
/// Mounts of a running container in the host's namespace: root file system, shared memory, network namespace, rounded
/// up from proof `container-costs-besides-its-own`.
pub const MOUNTS: u64 = 3;
/// The least memory of a container with its conmon and its share of the kernel's: our choice, a tenfold of what the
/// same proof measures for conmon alone.
pub const LEAST_MEMORY: u64 = 4 << 20;

/// Metadata of a subvolume: proof `snapshots-cost-metadata-and-cleaning`.
pub const SUBVOLUME_METADATA: u64 = 16 << 10;
/// Metadata of a snapshot whose source rests, the least there is: the same proof.
pub const SNAPSHOT_METADATA: u64 = 16 << 10;
/// Milliseconds for one snapshot, with the cleaning of the one that it replaces: the slower of what the same proof
/// measured on an idle and on a busy machine.
pub const MILLISECONDS_A_SNAPSHOT: u64 = 60;
/// Snapshots that one run takes one after another before the next run takes over: our choice, a few seconds' work.
pub const BATCH: u64 = 100;

/// Podman's own number of locks.
pub const DEFAULT_LOCKS: u64 = 2048;
/// The kernel's own number of inotify instances a user.
pub const DEFAULT_INOTIFY_INSTANCES: u64 = 128;
/// What NixOS sets for instances and watches of inotify; never less is set.
pub const NIXOS_INOTIFY: u64 = 524_288;
/// The kernel's own number of keys a user.
pub const DEFAULT_KEYS: u64 = 200;
/// Bytes for each key, as the kernel's own numbers have it (20,000 for 200).
pub const BYTES_A_KEY: u64 = 100;
/// The kernel's own number of processes.
pub const DEFAULT_PID_MAX: u64 = 32_768;
/// The most processes of a 64-bit kernel.
pub const MOST_PID_MAX: u64 = 4_194_304;
/// Processes that a user's slice may hold on a host of 4 GiB: systemd allows a third of the kernel's threads.
pub const USER_TASKS: u64 = 10_000;
/// Ports of a Linux bridge: proof `bridge-ports-end-at-1023`.
pub const BRIDGE_PORTS: u64 = 1023;
/// Mounts of one mount namespace (`fs.mount-max`).
pub const MOUNT_MAX: u64 = 100_000;
