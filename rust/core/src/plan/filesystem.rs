//! A filesystem as planned.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::UpkeepPlan;
use crate::spec::{Encryption, Media, Profile};
use crate::units::{DevicePath, HostPath, SubvolumePath, UserName};

/// One Btrfs filesystem: how it comes to be, what is in it, where it is mounted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilesystemPlan {
    /// Whether an installation makes it or it exists.
    pub origin: FilesystemOrigin,
    /// Btrfs label of a new filesystem; empty for an existing one, which keeps its own.
    pub label: String,
    /// What is mounted: the device as every mount names it.
    pub device: DevicePath,
    /// Block group profile of data; absent for an existing filesystem of which nothing is declared.
    pub data_profile: Option<Profile>,
    /// Block group profile of metadata; absent as above.
    pub metadata_profile: Option<Profile>,
    /// What it is made of, where known.
    pub media: Option<Media>,
    /// Whether it holds the system too.
    pub system: bool,
    /// The EFI system partitions beside it, one a disk; none where it exists or holds no system.
    pub boot_partitions: Vec<BootPartition>,
    /// Where its volumes appear.
    pub mount_point: HostPath,
    /// The options that hold for the whole filesystem; they stand on every mount alike.
    pub mount_options: Vec<String>,
    /// All mounts, ordered by mount point.
    pub mounts: Vec<Mount>,
    /// All subvolumes, ordered by path; a parent comes before what is nested in it.
    pub subvolumes: Vec<Subvolume>,
    /// Whether limits are accounted.
    pub quota: QuotaMode,
    /// The swap file, where one is declared.
    pub swap: Option<SwapFile>,
    /// Bytes that stay free of data, for metadata and for cleaning up; absent where the disks' sizes are not known.
    pub reserve_bytes: Option<u64>,
    /// What is done to it regularly.
    pub upkeep: UpkeepPlan,
}

impl FilesystemPlan {
    /// The subvolume that is mounted for this.
    #[must_use]
    pub fn subvolume_of(&self, role: MountRole) -> Option<&SubvolumePath> {
        let mount = self.mounts.iter().find(|mount| mount.role == role)?;
        Some(&mount.subvolume)
    }
}

/// An EFI system partition; an installation makes it, and a boot loader fills it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BootPartition {
    /// The disk that it is on.
    pub disk: DevicePath,
    /// Where it is mounted.
    pub mount_point: HostPath,
    /// The options of its mount.
    pub options: Vec<String>,
}

/// A swap file; an installation makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SwapFile {
    /// The subvolume that holds nothing else.
    pub subvolume: SubvolumePath,
    /// Where the file is on the host.
    pub path: HostPath,
    /// Its size in bytes, whole mebibytes.
    pub size_bytes: u64,
}

/// How a filesystem comes to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind",
    deny_unknown_fields
)]
pub enum FilesystemOrigin {
    /// An installation partitions and formats these disks.
    New {
        /// The whole disks, in declared order.
        disks: Vec<DevicePath>,
        /// Encryption of each.
        encryption: Option<Encryption>,
    },
    /// It exists; nobody formats it.
    Existing,
}

/// Whether limits are accounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum QuotaMode {
    /// No accounting.
    None,
    /// Simple quotas (Linux 6.7, btrfs-progs 6.7).
    Simple,
    /// Nothing is accounted and no limit is enforced: kernel or tools are too old. Limits are sizes to watch.
    Watched,
}

/// One mount of a subvolume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mount {
    /// The subvolume.
    pub subvolume: SubvolumePath,
    /// Where it appears.
    pub mount_point: HostPath,
    /// All options, `subvol=` among them.
    pub options: Vec<String>,
    /// What it is for.
    pub role: MountRole,
    /// Whether the initial ram disk mounts it.
    pub needed_for_boot: bool,
}

/// What a mount is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum MountRole {
    /// Part of the running system: `/`, `/nix`, `/var/log`.
    System,
    /// Podman's stores.
    EngineStore,
    /// The workloads' volumes.
    Volumes,
    /// Snapshots that btrbk takes.
    Snapshots,
    /// The swap file.
    Swap,
}

/// One subvolume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subvolume {
    /// Path below the top level.
    pub path: SubvolumePath,
    /// Path on the host, through one of the mounts.
    pub host_path: HostPath,
    /// What it is for.
    pub role: SubvolumeRole,
    /// The user who owns it; absent: root.
    pub owner: Option<UserName>,
    /// Mode bits in octal, such as `0755`.
    pub mode: String,
    /// The most bytes it may refer to.
    pub limit_bytes: Option<u64>,
}

/// What a subvolume is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SubvolumeRole {
    /// Part of the running system; an installation makes it.
    System,
    /// Holds Podman's stores; mounted.
    EngineStores,
    /// A rootless user's store inside the engine stores.
    UserStore,
    /// Images of the system's store, apart from its graph root.
    ImageStore,
    /// Holds the groups' subvolumes; mounted.
    Volumes,
    /// Holds btrbk's snapshots; mounted.
    Snapshots,
    /// Holds the swap file; mounted, and never snapshotted.
    Swap,
    /// One consistency group: volumes that are snapshotted together are directories in it.
    Group,
    /// One volume with a limit or a tier of its own.
    Volume,
    /// Where snapper keeps the snapshots of the subvolume that holds it.
    SnapperSnapshots,
}

impl SubvolumeRole {
    /// True for subvolumes that a disk layout makes at installation; `apply` makes the others (and
    /// these too, where they are missing).
    #[must_use]
    pub const fn is_mounted(self) -> bool {
        matches!(
            self,
            Self::System | Self::EngineStores | Self::Volumes | Self::Snapshots | Self::Swap
        )
    }
}
