//! What can be done on a filesystem that is full: looked at, proposed, and one step of it taken by its name.
//!
//! Nothing here needs space on the filesystem in question: what is looked at is read through its planned mounts, one file is
//! tried and removed again, and the record of a step goes where there is room. Which steps there are is
//! [`core::emergency`](podman_btrfs_core::emergency)'s.

mod gather;
mod take;

use std::collections::BTreeMap;
use std::path::PathBuf;

use podman_btrfs_core::emergency::{Act, Proposal, Room, propose};
use podman_btrfs_core::observed::Known;
use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::FilesystemName;
use serde::Serialize;

pub use take::take;

use crate::observe::{Places, du};
use crate::receipt::Receipt;
use crate::system::System;

/// How long the sizes of one step's snapshots are measured, in seconds.
const MEASURED: u32 = 20;

/// Where things are, and what somebody says.
#[derive(Clone, Debug)]
pub struct Request {
    /// The filesystem.
    pub filesystem: FilesystemName,
    /// Where the ledger is.
    pub ledger: PathBuf,
    /// A directory of ours, in which a filesystem's top level is mounted where what was left is ended.
    pub work_directory: PathBuf,
    /// Names of processes of which somebody says that they use nothing of it.
    pub not_used_by: Vec<String>,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// Its name.
    pub step: String,
    /// What was done, each with how it ended.
    pub receipt: Receipt,
    /// How much room there was.
    pub before: Known<Room>,
    /// How much there is, after the cleaner was waited for.
    pub after: Known<Room>,
    /// Whether a file can be written now.
    pub takes_writes: Known<bool>,
}

/// Looks, and proposes. Sizes of snapshots are measured where that does not last.
#[must_use]
pub fn look(plan: &Plan, request: &Request, system: &dyn System, places: &Places) -> Proposal {
    let gathered = gather::all(plan, request, system, places);
    let mut proposal = propose(&gathered.situation(plan, request));
    let mut sizes = BTreeMap::new();
    for step in &proposal.steps {
        if !matches!(step.act, Act::DeleteSnapshots(_)) {
            continue;
        }
        let paths: Vec<&str> = step.paths.iter().map(String::as_str).collect();
        // A size that is not known is absent, and the step is what it is without it.
        if let Ok(Some(held)) = du::look(system, &paths, MEASURED) {
            let exclusive = held.iter().map(|held| held.exclusive);
            sizes.insert(step.name.clone(), exclusive.fold(0, u64::saturating_add));
        }
    }
    proposal.measured(&sizes);
    proposal
}
