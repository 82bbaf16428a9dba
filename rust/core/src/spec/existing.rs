//! What a host has and does today and the plan does not own. None of it is ever changed; rules look at it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Driver;
use crate::units::{Duration, HostPath, MountOption, SubvolumePath, UnitName};

/// What is there of a filesystem besides what the plan mounts of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExistingFilesystem {
    /// Its other mounts, by mount point: each as it stands in `fileSystems`, or in disko's layout.
    pub mounts: BTreeMap<HostPath, ExistingMount>,
    /// The file that unlocks its encryption. Absent: a passphrase, a token, or unknown.
    pub key_file: Option<HostPath>,
    /// The unit that makes the key file at each boot. Absent: unknown.
    pub key_unit: Option<UnitName>,
}

/// A mount of the filesystem that the plan does not own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExistingMount {
    /// The subvolume. Absent: the default one.
    pub subvolume: Option<SubvolumePath>,
    /// Its options, one each, without `subvol=`.
    pub options: Vec<MountOption>,
    /// What lies there. Absent: told by mount point and subvolume.
    pub holds: Option<ExistingContent>,
    /// The snapshots that some other tool takes of it. Absent: none that anybody knows of.
    pub snapshots: Option<ExistingSnapshots>,
}

/// What lies on an existing mount.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ExistingContent {
    /// The running system, which its configuration makes again.
    System,
    /// Data.
    Data,
    /// Snapshots of other subvolumes.
    Snapshots,
    /// Copies of data that lives elsewhere.
    Backups,
}

/// Snapshots that another tool takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExistingSnapshots {
    /// How often they are taken. Absent: unknown.
    pub every: Option<Duration>,
    /// The directory that keeps them. Absent: unknown.
    pub directory: Option<HostPath>,
    /// Whether copies of them leave the filesystem. Absent: unknown, and nothing relies on it.
    pub copied: Option<bool>,
}

/// Where the data of a volume lies today; planning moves nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExistingData {
    /// The directory on the host.
    pub path: HostPath,
    /// The filesystem type there. Absent: Btrfs below an existing mount of a filesystem, else unknown.
    #[serde(default)]
    pub filesystem_type: Option<FilesystemType>,
}

/// A type of filesystem, as far as it matters whether it has snapshots.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FilesystemType {
    /// Btrfs.
    Btrfs,
    /// ext4, which has no snapshots.
    Ext4,
    /// XFS, which has no snapshots.
    Xfs,
    /// ZFS.
    Zfs,
    /// bcachefs.
    Bcachefs,
    /// Anything else.
    Other,
}

impl FilesystemType {
    /// The name that `mount -t` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Btrfs => "btrfs",
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
            Self::Zfs => "zfs",
            Self::Bcachefs => "bcachefs",
            Self::Other => "another filesystem",
        }
    }

    /// True where nothing below the application can take a snapshot.
    #[must_use]
    pub const fn lacks_snapshots(self) -> bool {
        matches!(self, Self::Ext4 | Self::Xfs)
    }
}

/// What is done for a workload today.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExistingWorkload {
    /// How its data is copied today. Absent: nothing is known.
    pub backup: Option<ExistingBackup>,
}

/// A backup that another tool or a script makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExistingBackup {
    /// How.
    pub method: BackupMethod,
    /// Whether it is skipped, without an error, while the workload does not run. Absent: unknown.
    #[serde(default)]
    pub only_when_active: Option<bool>,
}

/// How data is copied out of a workload.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum BackupMethod {
    /// The workload is stopped, its files are copied, it is started again.
    StopAndCopy,
    /// The application writes a dump while it runs.
    Dump,
}

/// What the host has of Podman's own storage today.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExistingEngine {
    /// The system's store that Podman has already. Absent: none.
    pub store: Option<ExistingStore>,
    /// What a timer prunes. Absent: nothing.
    pub prune: Option<ExistingPrune>,
}

/// What Podman's database keeps from its first start: `podman info` prints it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExistingStore {
    /// Its storage driver, `store.graphDriverName`. Absent: unknown.
    pub driver: Option<Driver>,
    /// Its graph root, `store.graphRoot`. Absent: unknown.
    pub graph_root: Option<HostPath>,
    /// Its run root, `store.runRoot`. Absent: unknown.
    pub run_root: Option<HostPath>,
    /// Where it keeps named volumes, `store.volumePath`. Absent: unknown.
    pub volume_path: Option<HostPath>,
}

/// `podman system prune` by a timer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExistingPrune {
    /// Whether with `--all`: every image that no container uses, not only those without a name. Absent: no.
    pub all: Option<bool>,
}
