//! What is there on a host, and what it takes: [`status`]. Nothing is written, but for [`history`] where that is asked for.
//!
//! Sizes are read from the trees of all subvolumes (`BTRFS_IOC_TREE_SEARCH_V2`): which extents each refers to. So what is shared, by
//! snapshots or by reflinks, is known exactly, compressed and not, and no quota is needed. What was written and not yet sent to the
//! disk is not counted, and where a filesystem is in use each tree is of the moment at which it was read.

mod document;
mod filesystem;
pub mod history;
mod holders;
mod owners;
mod restores;
mod simulated;
mod sizes;
mod workload;

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::drift::Host;
use podman_btrfs_core::observed::{Known, Observed};
use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::FilesystemName;

pub use document::{
    FilesystemStatus, LastApply, LeakedLayers, Other, RestoreStatus, STATUS_VERSION, Series,
    Simulated, Sizes, SpaceStatus, Status, Taken, Unplanned, UnplannedPlace, VolumeStatus,
    WholeSizes, WorkloadSizes, WorkloadStatus,
};
pub use simulated::simulated;

use crate::ledger::{Ledger, Left};
use crate::metrics::last_apply;
use crate::receipt::{Receipt, State};
use crate::system::{Fault, System};
use history::History;

/// Where `status` looks for what was recorded.
#[derive(Clone, Copy, Debug)]
pub struct Records<'r> {
    /// Where the receipts are.
    pub receipts: &'r Path,
    /// The ledger.
    pub ledger: &'r Path,
    /// Sizes by day.
    pub history: &'r History,
    /// What the plan's simulation says of each filesystem.
    pub simulated: &'r BTreeMap<String, Simulated>,
}

/// What is there.
#[must_use]
pub fn status(plan: &Plan, observed: &Observed, records: Records, system: &dyn System) -> Status {
    let host = Host { plan, observed };
    let ledger = Ledger::read(system, records.ledger);
    let left = ledger.map(|ledger| ledger.left);
    let found: BTreeMap<&FilesystemName, filesystem::Looked> = host
        .filesystems()
        .map(|one| (one.name, filesystem::look(host, one, known(&left), system)))
        .collect();
    let filesystems = host.filesystems().filter_map(|one| {
        let looked = found.get(one.name)?;
        Some((
            one.name.clone(),
            filesystem::status(host, one, looked, records),
        ))
    });
    Status {
        status_version: STATUS_VERSION,
        at: system.now(),
        filesystems: filesystems.collect(),
        workloads: workload::all(host, &found, records, system),
        last_apply: last_apply(system, records.receipts)
            .map(|receipt| receipt.as_ref().map(last))
            .into(),
        left: left.into(),
        work: observed.work.clone(),
        restores: restores::all(plan, records.receipts, system).into(),
    }
}

/// Without the ledger nothing is known to be left; what is then only unplanned is told as such.
fn known(left: &Result<Vec<Left>, Fault>) -> &[Left] {
    left.as_deref().unwrap_or_default()
}

fn last(receipt: &Receipt) -> LastApply {
    LastApply {
        started: receipt.started,
        finished: receipt.finished,
        already: receipt.count(|state| matches!(state, State::Already)),
        done: receipt.count(|state| matches!(state, State::Done)),
        refused: receipt.count(|state| matches!(state, State::Refused(_))),
        failed: receipt.count(|state| matches!(state, State::Failed(_))),
    }
}

/// A value that is known, and what follows from it.
fn map<T, U>(of: &Known<T>, with: impl FnOnce(&T) -> U) -> Known<U> {
    match of {
        Known::Known(value) => Known::Known(with(value)),
        Known::Unknown { why } => Known::unknown(why),
    }
}
