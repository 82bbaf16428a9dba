//! Moves a volume's data to its planned place, or makes it anew with its planned attributes: one engine for a directory that becomes
//! a subvolume, for nodatacow or compression that is otherwise than planned, for another place or filesystem, and for a named volume
//! of Podman or Docker that becomes a declared one.
//!
//! While the volume is in use a copy is made beside its planned place. Then what uses it is stopped, the rest is copied, all is
//! compared, and the copy takes the place in one step. What was copied is kept. [`journal`] says what was begun, so that a
//! run which was ended anywhere is gone on with: before the exchange the source is the volume and only copied from, after it the
//! copy is, and nothing in between is ever both.

pub(crate) mod copy;
mod engine;
pub(crate) mod estimate;
mod exchange;
pub mod journal;
mod kept;
mod mounts;
mod mover;
mod need;
pub mod podman_volume;
mod short_stop;
mod stages;
mod staging;
pub mod store;

use std::path::PathBuf;

use podman_btrfs_core::plan::Plan;
use serde::Serialize;

pub use estimate::Estimate;
use journal::{Journal, Kept};
use mover::Mover;

use crate::apply::top_level;
use crate::ledger::{Ledger, PlannedVolume};
pub use crate::stop::Stop;

/// The directory of the journals of moves, beside the receipts.
pub const JOURNALS: &str = "migrations";
use crate::system::{Fault, System};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The copy of a workload and the volume: `shop/pgdata`, `shop@2/pgdata`.
    pub volume: String,
    /// Where the data lies, where the ledger does not know.
    pub from: Option<PathBuf>,
    /// Units that use it besides those that the plan's containers have.
    pub units: Vec<String>,
    /// Names of processes of which somebody says that they do not use it, where that may not be looked at.
    pub not_used_by: Vec<String>,
    /// What is done.
    pub what: What,
    /// How many days the source is kept.
    pub keep_days: u32,
    /// Where journals are.
    pub journals: PathBuf,
    /// Where the ledger is.
    pub ledger: PathBuf,
    /// A directory of ours, in which the top level of each filesystem is mounted for the time of the run.
    pub work_directory: PathBuf,
}

/// What is done about a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is moved, or the move is gone on with.
    Move,
    /// Only looked what that would take.
    Estimate,
    /// Sources whose days are over are deleted.
    ForgetSource,
    /// A move that is not done is given up, and its copy deleted.
    Abandon,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The volume.
    pub volume: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What the move takes; absent where none was to be begun.
    pub estimate: Option<Estimate>,
    /// The sources that are kept.
    pub kept: Vec<Kept>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It lies as planned, and nothing was to be done.
    AsPlanned,
    /// Nothing lies anywhere that could be moved.
    NothingThere,
    /// It was only looked.
    Estimated,
    /// It lies as planned now.
    Moved,
    /// What was to be deleted is gone.
    Forgotten,
    /// The move was given up.
    Abandoned,
}

/// Does what is asked for. `told` hears of each part of the work as it begins.
///
/// # Errors
/// When it is refused, or the machine fails. Then the source is the volume and what was stopped runs again, unless the error says
/// otherwise; the same request goes on from there.
pub fn migrate(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Report, Stop> {
    let ledger = Ledger::read(system, &request.ledger)?;
    let volume = find(plan, &ledger, &request.volume)?;
    let unknown = || {
        Stop::Refused(format!(
            "the plan has no filesystem {}",
            volume.place.filesystem
        ))
    };
    let filesystem = plan
        .filesystems
        .get(&volume.place.filesystem)
        .ok_or_else(unknown)?;
    let file = Journal::path(&request.journals, &request.volume);
    let journal = Journal::read(system, &file)?;
    let needed = mounts::filesystems(plan, &volume, &ledger, journal.as_ref());
    let read_only = request.what == What::Estimate;
    let mounted = top_level::mount_all(plan, system, &request.work_directory, read_only, &needed)?;
    let tops = mounted
        .iter()
        .map(|(name, top)| (name.clone(), top.path().to_owned()));
    let mut mover = Mover {
        plan,
        system,
        request,
        tops: tops.collect(),
        volume,
        filesystem,
        ledger,
        file,
        exchanged_now: false,
        told,
    };
    let done = mover.check_filesystems().and_then(|()| mover.run(journal));
    let unmounted: Result<Vec<()>, Fault> = mounted
        .into_iter()
        .map(|(_, top)| top.unmount(system))
        .collect();
    let report = done?;
    unmounted?;
    Ok(report)
}

/// The volume of this name.
fn find<'a>(plan: &'a Plan, ledger: &Ledger, name: &str) -> Result<PlannedVolume<'a>, Stop> {
    let mut all: Vec<PlannedVolume> = plan
        .filesystems
        .keys()
        .flat_map(|filesystem| ledger.planned_on(plan, filesystem))
        .collect();
    if let Some(found) = all.iter().position(|volume| volume.key == name) {
        return Ok(all.swap_remove(found));
    }
    let known: Vec<&str> = all.iter().take(8).map(|volume| &*volume.key).collect();
    Err(Stop::Refused(format!(
        "the plan has no volume `{}`; it has {}{}",
        name.escape_debug(),
        if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        },
        if all.len() > known.len() {
            " and others"
        } else {
            ""
        },
    )))
}

/// The day of a time in seconds since 1970, in UTC.
#[must_use]
pub fn day(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok();
    let at = at.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    at.map_or_else(
        || "for ever".to_owned(),
        |at| at.strftime("%Y-%m-%d").to_string(),
    )
}
