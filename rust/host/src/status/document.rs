//! What `status` tells, as programs read it. Bytes of files are before, bytes on the disk after compression, and both before the
//! profile's copies; times are seconds since 1970.

use std::collections::BTreeMap;

use podman_btrfs_core::observed::{BegunWork, Known, ObservedQuota};
use podman_btrfs_core::space::{Growth, UntilFull};
use podman_btrfs_core::units::FilesystemName;
use serde::Serialize;

use crate::drill::Kind;
use crate::ledger::Left;

/// The version of this format.
pub const STATUS_VERSION: u32 = 1;

/// What is there on a host.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Version of this format.
    pub status_version: u32,
    /// When it was looked at.
    pub at: u64,
    /// The plan's filesystems.
    pub filesystems: BTreeMap<FilesystemName, FilesystemStatus>,
    /// The copies of the plan's workloads, by name: `shop`, `shop@2`.
    pub workloads: BTreeMap<String, WorkloadStatus>,
    /// What the ledger has of data that nothing declared uses any more.
    pub left: Known<Vec<Left>>,
    /// What drills have shown of each copy of which snapshots are planned, by where it comes back from: `host`, or a target.
    pub restores: Known<BTreeMap<String, BTreeMap<String, RestoreStatus>>>,
    /// What was begun and has not ended.
    pub work: Known<Vec<BegunWork>>,
    /// What the last run of `apply` came to; absent: it never ran.
    pub last_apply: Known<Option<LastApply>>,
}

/// One filesystem.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilesystemStatus {
    /// Which it is; absent: it is not known.
    pub uuid: Option<String>,
    /// Where its volumes appear.
    pub mount_point: String,
    /// How its space is given out.
    pub space: Known<SpaceStatus>,
    /// Which quotas are on.
    pub quota: Known<ObservedQuota>,
    /// What its subvolumes hold together.
    pub sizes: Known<WholeSizes>,
    /// How its data grows; absent: nothing was recorded for a day.
    pub growth: Option<Growth>,
    /// When it is full if that goes on; absent: it does not grow, or that is not known.
    pub until_full: Option<UntilFull>,
    /// What the plan's simulation says, from the sizes that are declared; absent: none is beside the plan, or none are declared.
    pub simulated: Option<Simulated>,
    /// What is there and no longer planned, or was never: by the name of what it seems to have belonged to.
    pub unplanned: Vec<Unplanned>,
    /// Subvolumes of layers that no store of Podman knows.
    pub leaked_layers: Vec<LeakedLayers>,
    /// Everything else that lies on it, by what it is for.
    pub others: Vec<Other>,
}

/// How the space of a filesystem is given out, in bytes of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpaceStatus {
    /// All devices together.
    pub device_bytes: u64,
    /// How much data there is.
    pub data_bytes: u64,
    /// How much more fits, after copies: into the chunks that there are, and into new ones.
    pub available_bytes: u64,
    /// How much of that new chunks would hold.
    pub allocatable_bytes: u64,
    /// How much should stay allocatable.
    pub reserve_bytes: u64,
    /// How much metadata there is.
    pub metadata_bytes: u64,
    /// How much more fits.
    pub metadata_left_bytes: u64,
}

/// What all subvolumes of a filesystem hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WholeSizes {
    /// Bytes on the disk of all extents that a subvolume refers to.
    pub stored_bytes: u64,
    /// How many subvolumes were read.
    pub subvolumes: usize,
}

/// What a volume holds, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sizes {
    /// What its files come to, without holes; a file with several names counts once.
    pub referenced_bytes: u64,
    /// What the extents take on the disk that they refer to, each counted once.
    pub stored_bytes: u64,
    /// The same without compression.
    pub uncompressed_bytes: u64,
    /// What of it nobody else refers to: what deleting it alone gives back.
    pub exclusive_bytes: u64,
}

/// A copy of a workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadStatus {
    /// The workload.
    pub workload: String,
    /// What its volumes and snapshots hold together.
    pub sizes: Known<WorkloadSizes>,
    /// Its series of snapshots.
    pub series: Vec<Series>,
    /// Its volumes, by key: `shop/pgdata`.
    pub volumes: BTreeMap<String, VolumeStatus>,
}

/// What a workload holds, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadSizes {
    /// What the files of its volumes come to.
    pub referenced_bytes: u64,
    /// What its volumes and snapshots take on the disk.
    pub stored_bytes: u64,
    /// The same without compression.
    pub uncompressed_bytes: u64,
    /// What of it nobody else refers to: what ending it with its snapshots gives back.
    pub exclusive_bytes: u64,
    /// What only its snapshots refer to: what deleting all of them gives back.
    pub snapshot_bytes: u64,
}

/// The snapshots of one subvolume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// Its name.
    pub name: String,
    /// The filesystem.
    pub filesystem: FilesystemName,
    /// How many there are.
    pub count: Known<usize>,
    /// When the newest was taken; absent: there is none.
    pub newest: Known<Option<u64>>,
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeStatus {
    /// The filesystem that it is planned on.
    pub filesystem: FilesystemName,
    /// Its planned place below the top level.
    pub place: String,
    /// What it holds; absent: it is not there.
    pub sizes: Known<Option<Sizes>>,
    /// What simple quotas charge it with; absent: it is no subvolume of its own, or they are not on.
    pub charged_bytes: Known<Option<u64>>,
    /// The most that it may hold, as planned.
    pub limit_bytes: Option<u64>,
    /// How its files grow; absent: nothing was recorded for a day.
    pub growth: Option<Growth>,
}

/// What the plan's simulation says of a filesystem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Simulated {
    /// The first simulated day.
    pub begin: String,
    /// How many days were simulated.
    pub days: u32,
    /// The first day, from 1, on which more is held than fits beside the reserve; absent: none is.
    pub full_on_day: Option<u32>,
    /// How many options are not declared, and so not counted.
    pub not_said: usize,
}

/// What is not planned, and seems to have belonged to one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unplanned {
    /// The name of that, a copy of a workload mostly.
    pub name: String,
    /// What is there of it.
    pub places: Vec<UnplannedPlace>,
    /// What all of it takes on the disk, and what deleting all of it gives back.
    pub sizes: Known<Taken>,
    /// The safe way to be rid of it.
    pub help: String,
}

/// One place that is not planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnplannedPlace {
    /// Below the top level.
    pub path: String,
    /// The volume that the ledger has it by; absent: the ledger does not know it.
    pub volume: Option<String>,
}

/// What something takes on the disk, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// What it refers to.
    pub stored_bytes: u64,
    /// What of it nobody else refers to: what deleting it gives back.
    pub exclusive_bytes: u64,
}

/// Layers of a store that no list of it has; a store is named where there are any, or where it could not be found out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeakedLayers {
    /// The store: `root`, or a user's.
    pub store: String,
    /// The layers.
    pub layers: Known<Vec<String>>,
    /// What all of them take.
    pub sizes: Known<Taken>,
    /// The safe way to be rid of them.
    pub help: String,
}

/// Subvolumes that are neither volumes nor snapshots of any.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Other {
    /// What they are for.
    pub what: String,
    /// What they take.
    pub sizes: Taken,
}

/// What drills have shown of a copy of a workload from one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreStatus {
    /// When the last drill began that found nothing; absent: none did yet.
    pub proven: Option<u64>,
    /// When the snapshot was taken that came back in it.
    pub taken: Option<u64>,
    /// When the last drill began; absent: there was none.
    pub tried: Option<u64>,
    /// What that found.
    pub found: Vec<Kind>,
}

/// What the last run of `apply` came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastApply {
    /// When it began.
    pub started: u64,
    /// When it ended; absent: something else ended it.
    pub finished: Option<u64>,
    /// Steps of what was so already.
    pub already: usize,
    /// Steps that were done.
    pub done: usize,
    /// Steps that were refused.
    pub refused: usize,
    /// Steps that failed.
    pub failed: usize,
}

impl Status {
    /// What could not be found out, and why, a line each.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut note = |what: String, why: Option<&str>| {
            found.extend(why.map(|why| format!("{what}: {why}")));
        };
        note("what was left".into(), self.left.why());
        note("proven restores".into(), self.restores.why());
        note("what was begun".into(), self.work.why());
        note("the last `apply`".into(), self.last_apply.why());
        for (name, of) in &self.filesystems {
            note(format!("{name}: space"), of.space.why());
            note(format!("{name}: quotas"), of.quota.why());
            note(format!("{name}: sizes"), of.sizes.why());
            for leaked in &of.leaked_layers {
                let what = format!(
                    "{name}: layers that the store of {} does not know",
                    leaked.store
                );
                note(what, leaked.layers.why());
            }
        }
        for of in self.workloads.values() {
            for series in &of.series {
                let what = format!("{}: snapshots of {}", series.filesystem, series.name);
                note(what, series.newest.why().or(series.count.why()));
            }
            for (name, volume) in &of.volumes {
                let whole = self.filesystems.get(&volume.filesystem);
                // Of a filesystem that could not be read it is told once.
                if whole.is_some_and(|whole| whole.sizes.get().is_some()) {
                    note(format!("{name}: sizes"), volume.sizes.why());
                }
                note(
                    format!("{name}: what it is charged with"),
                    volume.charged_bytes.why(),
                );
            }
        }
        found
    }
}
