//! Puts what a snapshot holds in place of what is in use: all volumes of a workload, or single ones; beside it under another name; or
//! single files. And takes that back.
//!
//! A snapshot itself never becomes writable: a writable snapshot of it is made beside the place, gets what the plan gives a volume,
//! and is exchanged with what is in use in one step, while nobody uses it. What was in use is kept as the undo point.
//! [`journal`] says what was begun, so that a run which was ended anywhere is gone on with: until the exchange nothing in use was
//! changed, and each thing that is exchanged tells itself whether it was.

mod account;
mod beside;
pub mod catalogue;
mod choose;
mod exchange;
mod files;
pub(crate) mod health;
pub mod journal;
mod prepare;
pub mod prospect;
mod reading;
mod rebuild;
pub mod recover;
mod remote;
mod restorer;
mod stages;
mod undo;
pub mod when;

use std::collections::BTreeSet;
use std::path::PathBuf;

use podman_btrfs_core::plan::{Instance, Plan};
use podman_btrfs_core::units::{FilesystemName, WorkloadName};
use serde::Serialize;

pub use account::Account;
use catalogue::Point;
pub use journal::{Asked, Journal};

/// The directory of the journals of restores, beside the receipts.
pub const JOURNALS: &str = "restores";
use prospect::Prospect;
pub(crate) use restorer::Restorer;

use crate::apply::top_level;
use crate::ledger::Ledger;
use crate::stop::Stop;
use crate::system::{Fault, System};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The copy of a workload: `shop`, `shop@2`.
    pub copy: String,
    /// Which point, and what of it.
    pub asked: Asked,
    /// What is done.
    pub what: What,
    /// Units that use it besides those that the plan's containers have.
    pub units: Vec<String>,
    /// Names of processes of which somebody says that they do not use it, where that may not be looked at.
    pub not_used_by: Vec<String>,
    /// How many days the undo point is kept.
    pub keep_days: u32,
    /// How many seconds containers have to become healthy.
    pub wait_seconds: u64,
    /// Where journals are.
    pub journals: PathBuf,
    /// Where the ledger is.
    pub ledger: PathBuf,
    /// A directory of ours, in which the top level of each filesystem is mounted for the time of the run.
    pub work_directory: PathBuf,
    /// How targets are reached.
    pub copies: crate::copies::Request,
    /// The update that it takes back, by its identity.
    pub update: Option<String>,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The points are listed.
    List,
    /// It is looked what a restore would do.
    Estimate,
    /// It is restored, or gone on with where the same was begun.
    Restore,
    /// It comes back from a target to a host that was lost, unless data is in its place.
    Recover {
        /// Also then: what is there is taken for what containers began anew, and is kept.
        replace_fresh: bool,
    },
    /// It is looked what that would bring back.
    Prospect {
        /// As above.
        replace_fresh: bool,
    },
    /// What was begun is ended, whatever it was.
    Continue,
    /// What was begun and not exchanged is given up.
    Abandon,
    /// The last restore is taken back, or the last undo.
    Undo,
    /// It is looked what an undo would do.
    EstimateUndo,
    /// Undo points whose days are over are deleted.
    ForgetUndo,
    /// It is restored beside what is in use, under this name.
    As(WorkloadName),
    /// Single files and directories are restored.
    Files {
        /// Below the volume.
        paths: Vec<String>,
        /// Into which directory; absent: where they were.
        to: Option<PathBuf>,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The copy of a workload.
    pub copy: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The points, where they were asked for.
    pub points: Vec<Point>,
    /// What was done, or would be.
    pub account: Option<Account>,
    /// What would come back to a lost host, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prospect: Option<Prospect>,
    /// What a person is to know, each a sentence.
    pub notes: Vec<String>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The points were listed.
    Listed,
    /// It was only looked.
    Estimated,
    /// It is restored.
    Restored,
    /// It is as before the restore, or as before the undo.
    Undone,
    /// It was given up, and nothing is changed.
    Abandoned,
    /// What was to be deleted is gone.
    Forgotten,
}

/// Does what is asked for. `told` hears of each part of the work as it begins.
///
/// # Errors
/// When it is refused, or the machine fails. Then what was in use is in use, and what was stopped runs again, unless the error says
/// otherwise; the same request goes on from there.
pub fn restore(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Report, Stop> {
    let read_only = matches!(
        request.what,
        What::List | What::Estimate | What::EstimateUndo | What::Prospect { .. }
    );
    with(plan, request, read_only, system, told, |restorer| {
        restorer.run()
    })
}

/// Mounts what a copy lies on, and has `work` done there.
pub(crate) fn with<T>(
    plan: &Plan,
    request: &Request,
    read_only: bool,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
    work: impl FnOnce(&mut Restorer<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let instance = find(plan, &request.copy)?;
    let ledger = Ledger::read(system, &request.ledger)?;
    let journals = Journal::all(system, &request.journals)?;
    let needed = filesystems(plan, instance, &journals);
    let mounted = top_level::mount_all(plan, system, &request.work_directory, read_only, &needed)?;
    let tops = mounted
        .iter()
        .map(|(name, top)| (name.clone(), top.path().to_owned()));
    let mut restorer = Restorer {
        plan,
        system,
        request,
        tops: tops.collect(),
        ledger,
        instance,
        holders: restorer::holders(plan, instance),
        journals,
        exchanged_now: false,
        told,
    };
    let done = work(&mut restorer);
    let unmounted: Result<Vec<()>, Fault> = mounted
        .into_iter()
        .map(|(_, top)| top.unmount(system))
        .collect();
    let done = done?;
    unmounted?;
    Ok(done)
}

/// The copies of workloads that have undo points, in order.
///
/// # Errors
/// When a journal cannot be read or understood.
pub fn copies_with_undo(
    system: &dyn System,
    journals: &std::path::Path,
) -> Result<BTreeSet<String>, Fault> {
    let all = Journal::all(system, journals)?;
    Ok(all.into_iter().map(|journal| journal.copy).collect())
}

fn find<'p>(plan: &'p Plan, copy: &str) -> Result<&'p Instance, Stop> {
    let all = || {
        plan.workloads
            .values()
            .flat_map(|workload| &workload.instances)
    };
    if let Some(found) = all().find(|instance| instance.name == copy) {
        return Ok(found);
    }
    let known: Vec<&str> = all().take(8).map(|one| one.name.as_str()).collect();
    Err(Stop::Refused(format!(
        "the plan has no workload `{}`; it has {}{}",
        copy.escape_debug(),
        if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        },
        if all().count() > known.len() {
            " and others"
        } else {
            ""
        },
    )))
}

/// The filesystems that something of it lies on.
fn filesystems(plan: &Plan, instance: &Instance, journals: &[Journal]) -> BTreeSet<FilesystemName> {
    let volumes = instance.volumes.values();
    let mut names: BTreeSet<FilesystemName> =
        volumes.map(|volume| volume.filesystem.clone()).collect();
    let own = journals.iter().filter(|one| one.copy == instance.name);
    names.extend(own.flat_map(|one| one.items.iter().map(|item| item.filesystem.clone())));
    names.retain(|name| plan.filesystems.contains_key(name));
    names
}
