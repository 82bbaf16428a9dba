//! Moves Podman's store of root to the planned driver: a store keeps the driver that it was begun with, whatever is configured.
//!
//! A new store is made beside the old one, by a Podman that sees it at the old one's path ([`inside`]), so that what its database
//! says of paths is right from the beginning. Images are saved from the one and loaded into the other while everything runs. Then
//! the units of all containers of root are stopped, the rest is copied, Podman's own lists of both are compared, and the two
//! directories are exchanged. The parts of the work are those of [`super::engine`], and so is what happens when one is ended.
//!
//! Containers are not moved: their units make them anew. What else was written in one stays in the old store.

mod contents;
mod estimate;
mod images;
mod inside;
mod journal;
mod kept;
mod mover;
mod need;
mod podman;
mod staging;
mod steps;
mod volumes;

use std::path::PathBuf;

use podman_btrfs_core::plan::Plan;
use serde::Serialize;

pub use self::estimate::StoreEstimate;
pub use self::inside::{INSIDE, Inside, inside};
pub(crate) use self::journal::FILE;
pub use self::journal::StoreJournal;
use self::mover::StoreMover;
use super::journal::Kept;
use super::{Outcome, Stop, What};
use crate::system::{Fault, System};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct StoreRequest {
    /// The user whose store it is; absent: root's.
    pub user: Option<String>,
    /// Units that use the store besides those that the plan's containers have.
    pub units: Vec<String>,
    /// Names of processes of which somebody says that they do not use it, where that may not be looked at.
    pub not_used_by: Vec<String>,
    /// Containers that no unit makes anew stay in the old store.
    pub leave_containers: bool,
    /// What is done.
    pub what: What,
    /// How many days the old store is kept.
    pub keep_days: u32,
    /// Where journals are.
    pub journals: PathBuf,
    /// Where `storage.conf` is: `/etc/containers`.
    pub configuration: PathBuf,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreReport {
    /// Whose store it is.
    pub store: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What the move takes; absent where none was to be begun.
    pub estimate: Option<StoreEstimate>,
    /// The old stores that are kept.
    pub kept: Vec<Kept>,
}

/// Does what is asked for. `told` hears of each part of the work as it begins.
///
/// # Errors
/// When it is refused, or the machine fails. Then the old store is in its place and what was stopped runs again, unless the error
/// says otherwise; the same request goes on from there.
pub fn migrate_store(
    plan: &Plan,
    request: &StoreRequest,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<StoreReport, Stop> {
    if let Some(user) = &request.user {
        return Err(Stop::Refused(format!(
            "the store of {user} is rootless, which this command does not move: as {user}, save what is wanted with `podman save` and `podman \
             volume export`, `podman system reset`, and load it into the store that is made then"
        )));
    }
    let file = request.journals.join(journal::FILE);
    let journal = StoreJournal::read(system, &file)?;
    let mut mover = StoreMover::of(plan, request, system, file, told)?;
    mover.run(journal)
}

/// Something has to be seen to first.
fn refused<T>(because: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused(because.into()))
}

/// Why JSON of Podman is not understood.
fn not_understood(command: &str, error: &serde_json::Error) -> Fault {
    Fault::Unexpected(format!(
        "`{command}` printed something that is not understood: {error}"
    ))
}
