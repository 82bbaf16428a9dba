//! Btrfs filesystems as declared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::existing::ExistingFilesystem;
use super::upkeep::Upkeep;
use crate::units::{ByteSize, DevicePath, HostPath};

/// One Btrfs filesystem: either on `disks`, which a new host's installation formats, or on an existing `device`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Filesystem {
    /// Whole disks of a new host, which disko partitions and formats.
    pub disks: Vec<DevicePath>,
    /// An existing filesystem; it is never formatted and never repartitioned.
    pub device: Option<DevicePath>,
    /// Block group profile of data. Absent: decided by the number of disks.
    pub data_profile: Option<Profile>,
    /// Block group profile of metadata. Absent: decided.
    pub metadata_profile: Option<Profile>,
    /// What it is made of. Absent: unknown.
    pub media: Option<Media>,
    /// Size of the smallest disk or of the existing filesystem. Absent: unknown.
    pub capacity: Option<ByteSize>,
    /// Sizes of the disks where they differ, in the order of `disks`; of an existing filesystem, of all its devices.
    /// They hold in place of `capacity`. Empty: every disk has `capacity`.
    pub disk_sizes: Vec<ByteSize>,
    /// Encryption below the filesystem. Absent: none.
    pub encryption: Option<Encryption>,
    /// Whether it also holds `/`, `/nix`, `/var/log` and the EFI system partition. Absent: no.
    pub system: Option<bool>,
    /// Whether `/` is begun anew at each boot, so that only what is kept elsewhere stays: `/persist` becomes a mount
    /// of its own. It needs `system`. Absent: no.
    pub ephemeral_root: Option<bool>,
    /// Size of a swap file on a new filesystem of one disk. Absent: none.
    pub swap: Option<ByteSize>,
    /// Where its volumes appear on the host. Absent: `/srv/<name>`.
    pub mount_point: Option<HostPath>,
    /// What is done to it regularly.
    pub upkeep: Upkeep,
    /// What is there of it today and the plan does not own.
    pub existing: ExistingFilesystem,
}

/// Block group profile, as `mkfs.btrfs --data` and `--metadata` name it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// One copy.
    Single,
    /// Two copies on one device.
    Dup,
    /// Striped over the devices, one copy.
    Raid0,
    /// Two copies on two devices.
    Raid1,
    /// Three copies on three devices.
    Raid1c3,
    /// Four copies on four devices.
    Raid1c4,
    /// Striped over mirrored pairs.
    Raid10,
}

impl Profile {
    /// The name that `mkfs.btrfs` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Dup => "dup",
            Self::Raid0 => "raid0",
            Self::Raid1 => "raid1",
            Self::Raid1c3 => "raid1c3",
            Self::Raid1c4 => "raid1c4",
            Self::Raid10 => "raid10",
        }
    }

    /// How many devices it needs at least (`mkfs.btrfs` manual, section PROFILES).
    #[must_use]
    pub const fn min_devices(self) -> usize {
        match self {
            Self::Single | Self::Dup => 1,
            Self::Raid0 | Self::Raid1 | Self::Raid10 => 2,
            Self::Raid1c3 => 3,
            Self::Raid1c4 => 4,
        }
    }

    /// True when all data is still there after one device is lost.
    #[must_use]
    pub const fn survives_a_device(self) -> bool {
        matches!(
            self,
            Self::Raid1 | Self::Raid1c3 | Self::Raid1c4 | Self::Raid10
        )
    }

    /// How many copies of each block it keeps.
    #[must_use]
    pub const fn copies(self) -> u64 {
        match self {
            Self::Single | Self::Raid0 => 1,
            Self::Dup | Self::Raid1 | Self::Raid10 => 2,
            Self::Raid1c3 => 3,
            Self::Raid1c4 => 4,
        }
    }
}

/// What the devices are made of.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Media {
    /// Solid state on PCI Express.
    Nvme,
    /// Solid state on SATA or SAS.
    Ssd,
    /// Rotating.
    Hdd,
}

impl Media {
    /// The word the declaration uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nvme => "nvme",
            Self::Ssd => "ssd",
            Self::Hdd => "hdd",
        }
    }
}

/// Encryption below the filesystem.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Encryption {
    /// LUKS2 on each disk.
    Luks,
}
