//! One filesystem of the plan, as it is on the host.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Known, ObservedPlace, Space};
use crate::units::HostPath;

/// One filesystem of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedFilesystem {
    /// The Btrfs that the planned device leads to; absent: there is no such device.
    pub found: Known<Option<FoundFilesystem>>,
    /// What is mounted at each planned mount point; a point that is not named here has nothing mounted.
    pub mounts: Known<BTreeMap<HostPath, ObservedMount>>,
    /// Errors that Btrfs counted, by device.
    pub devices: Known<BTreeMap<String, DeviceErrors>>,
    /// The numbers (devid) of devices that are missing.
    pub missing_devices: Known<BTreeSet<u64>>,
    /// How its space is given out.
    pub space: Known<Space>,
    /// Which quotas are on.
    pub quota: Known<ObservedQuota>,
    /// All its subvolumes, by path below the top level.
    pub subvolumes: Known<BTreeMap<String, ObservedSubvolume>>,
    /// What is at each place that the plan names (subvolumes, and volumes that are directories), by path below the
    /// top level; absent: nothing is there.
    pub places: BTreeMap<String, Known<Option<ObservedPlace>>>,
}

/// A Btrfs as the kernel has it; of one that is mounted nowhere it says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundFilesystem {
    /// Its UUID.
    pub uuid: Option<String>,
    /// Its label; empty when it has none.
    pub label: Option<String>,
}

/// What is mounted at a mount point, as the kernel shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedMount {
    /// Kind of filesystem.
    pub kind: String,
    /// The device, or what stands for it.
    pub source: String,
    /// Whether it is the planned filesystem.
    pub planned_filesystem: Known<bool>,
    /// What of the filesystem is mounted, without the leading slash; empty: its top level.
    pub subvolume: String,
    /// Options of the mount and of the filesystem.
    pub options: Vec<String>,
}

/// Errors that Btrfs counted on one device since somebody last set the counters back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeviceErrors {
    /// Writes that failed.
    pub write: u64,
    /// Reads that failed.
    pub read: u64,
    /// Flushes that failed.
    pub flush: u64,
    /// Blocks whose checksum was wrong.
    pub corruption: u64,
    /// Blocks that were older than they must be: writes that were lost.
    pub generation: u64,
}

impl DeviceErrors {
    /// The kinds that occurred, in words.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let kinds = [
            (self.write, "write"),
            (self.read, "read"),
            (self.flush, "flush"),
            (self.corruption, "corruption"),
            (self.generation, "generation"),
        ];
        let counted = kinds.into_iter().filter(|(count, _)| *count > 0);
        counted
            .map(|(count, kind)| format!("{count} {kind}"))
            .collect()
    }
}

/// Which quotas are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObservedQuota {
    /// None.
    None,
    /// Simple quotas.
    Simple,
    /// Qgroups.
    Classic,
}

/// One subvolume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedSubvolume {
    /// Its number in the filesystem.
    pub id: u64,
    /// Its UUID.
    pub uuid: String,
    /// The UUID of what it is a snapshot of.
    pub parent_uuid: Option<String>,
    /// The UUID that it had where it was sent from.
    pub received_uuid: Option<String>,
    /// Whether nothing in it can be written.
    pub read_only: bool,
}
