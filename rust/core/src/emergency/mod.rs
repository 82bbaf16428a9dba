//! What can be done when a filesystem is full: which state it is in, and safe steps in the order in which they can be taken.
//!
//! Pure: numbers and names in, steps out. The rules of the order: what loses nothing comes before what loses something; what
//! is lost by policy before what a policy keeps; what needs room only when there is some, and until then behind the first step
//! that makes it. The newest snapshot of a series is in no step, nor is any snapshot of a series that is copied elsewhere: which
//! one the next copy starts from, only the tool that copies knows.

mod snapshots;
mod steps;

use std::collections::BTreeMap;

use serde::Serialize;

pub use snapshots::Snapshot;

use crate::clock::Zone;
use crate::observed::{Known, Observed, Space};
use crate::plan::Plan;
use crate::units::FilesystemName;

/// What is known of a filesystem that may be full.
#[derive(Clone, Debug)]
pub struct Situation<'s> {
    /// What is wanted of it.
    pub plan: &'s Plan,
    /// Which one.
    pub name: &'s FilesystemName,
    /// What is.
    pub observed: &'s Observed,
    /// Whether a file could be written and brought to the disk just now.
    pub takes_writes: Known<bool>,
    /// How many subvolumes were deleted and are not cleaned yet.
    pub being_cleaned: Known<usize>,
    /// The read-only snapshots in its place of snapshots.
    pub snapshots: Known<Vec<Snapshot>>,
    /// What was left behind on it.
    pub left: Known<Vec<LeftBehind>>,
    /// What clocks on its host's walls show, by which days of snapshots are counted.
    pub zone: Known<Zone>,
    /// Seconds since 1970.
    pub now: u64,
}

/// Data that nothing declared uses any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// Whose it was: what `retire --confirm` takes.
    pub volume: String,
    /// Below the top level.
    pub place: String,
    /// Whether its grace time is over.
    pub is_due: bool,
}

/// What is full of a filesystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fullness {
    /// Nothing is.
    NotFull,
    /// No more data fits.
    Data,
    /// No more metadata fits, whatever room there is in chunks of data.
    Metadata,
    /// Neither fits.
    DataAndMetadata,
    /// It refuses writes for want of space, and its numbers do not say of what.
    RefusesWrites,
}

/// How much room there is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// What new chunks of data could hold.
    pub unallocated: u64,
    /// What fits of data: into its chunks and into new ones.
    pub data: u64,
    /// What fits of metadata, besides the global reserve.
    pub metadata: u64,
    /// Less than this is taken for full.
    pub little: u64,
}

impl Room {
    /// What there is.
    #[must_use]
    pub fn of(space: &Space) -> Self {
        Self {
            unallocated: space.room(),
            data: space.data_left(),
            metadata: space.metadata_left(),
            little: space.little(),
        }
    }

    /// What is full, by the numbers alone.
    #[must_use]
    pub const fn fullness(self) -> Fullness {
        match (self.data < self.little, self.metadata < self.little) {
            (false, false) => Fullness::NotFull,
            (true, false) => Fullness::Data,
            (false, true) => Fullness::Metadata,
            (true, true) => Fullness::DataAndMetadata,
        }
    }
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its name: the same as long as there is something of it to do.
    pub name: String,
    /// What it does.
    pub does: String,
    /// What it frees, or why it helps.
    pub frees: String,
    /// At least so many bytes of data, where it was measured.
    pub at_least_bytes: Option<u64>,
    /// What is lost by it.
    pub costs: String,
    /// The room that it needs itself.
    pub needs: Needs,
    /// The programs that do it, in order, each with its arguments; of a person's step what to type.
    pub commands: Vec<Vec<String>>,
    /// Paths that it is about.
    pub paths: Vec<String>,
    /// Who takes it.
    pub act: Act,
}

/// The room that a step needs itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// None: the kernel keeps a reserve for it.
    Nothing,
    /// A file or a few blocks of metadata can be written; where not, it fails and changes nothing.
    ALittle,
    /// A device of its own.
    Device,
}

/// Who takes a step, and by which means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "by", content = "with")]
pub enum Act {
    /// Its commands are run.
    Run,
    /// The cleaner is waited for.
    Wait,
    /// Chunks of data are emptied, one at a time, until metadata has room.
    Compact,
    /// The snapshots at its paths are deleted, by their UUIDs.
    DeleteSnapshots(Vec<String>),
    /// Layers that no list of the system's store has are deleted.
    DeleteLeakedLayers,
    /// What was left is ended by name.
    Retire(String),
    /// A person: nothing here does it.
    Person,
}

/// What is, and what can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// The filesystem.
    pub filesystem: FilesystemName,
    /// What is full.
    pub fullness: Known<Fullness>,
    /// Whether the filesystem itself is read-only, in which state nothing can be freed.
    pub read_only: bool,
    /// How much room there is.
    pub room: Known<Room>,
    /// Whether a file could be written.
    pub takes_writes: Known<bool>,
    /// What can be done, in the order in which it can be.
    pub steps: Vec<Step>,
    /// What could not be found out, and so leads to no step.
    pub unknown: Vec<String>,
}

impl Proposal {
    /// Takes in what was measured, in bytes by the names of steps, and puts the largest of each kind first.
    pub fn measured(&mut self, sizes: &BTreeMap<String, u64>) {
        for step in &mut self.steps {
            step.at_least_bytes = sizes.get(&step.name).copied();
        }
        for kind in [steps::BEYOND_POLICY, steps::OLDER] {
            let is_of_it = |step: &Step| {
                matches!(step.act, Act::DeleteSnapshots(_)) && step.name.starts_with(kind)
            };
            let mut of_it: Vec<Step> = self
                .steps
                .iter()
                .filter(|step| is_of_it(step))
                .cloned()
                .collect();
            of_it.sort_by_key(|step| std::cmp::Reverse(step.at_least_bytes));
            let places = self.steps.iter_mut().filter(|step| is_of_it(step));
            for (place, step) in places.zip(of_it) {
                *place = step;
            }
        }
    }
}

/// Finds the state and the steps. With nothing full there are none.
#[must_use]
pub fn propose(situation: &Situation) -> Proposal {
    let observed = situation.observed.filesystems.get(situation.name);
    let unseen = || Known::unknown("it was not looked at");
    let space = observed.map_or_else(unseen, |one| one.space.clone());
    let room = match &space {
        Known::Known(space) => Known::Known(Room::of(space)),
        Known::Unknown { why } => Known::unknown(why),
    };
    let fullness = fullness(&room, &situation.takes_writes);
    let mounts = observed.and_then(|one| one.mounts.get());
    let read_only = mounts.is_some_and(|mounts| {
        let of_it = mounts
            .values()
            .filter(|mount| mount.planned_filesystem == Known::Known(true));
        of_it
            .flat_map(|mount| &mount.options)
            .any(|option| option == "ro")
    });
    let mut unknown: Vec<String> = Vec::new();
    let steps = match &fullness {
        Known::Known(Fullness::NotFull) => Vec::new(),
        Known::Unknown { .. } | Known::Known(_) if read_only => steps::of_read_only(situation),
        Known::Unknown { .. } | Known::Known(_) => {
            steps::all(situation, fullness.get().copied(), &mut unknown)
        }
    };
    Proposal {
        filesystem: situation.name.clone(),
        fullness,
        read_only,
        room,
        takes_writes: situation.takes_writes.clone(),
        steps,
        unknown,
    }
}

fn fullness(room: &Known<Room>, takes_writes: &Known<bool>) -> Known<Fullness> {
    let refuses = *takes_writes == Known::Known(false);
    match room {
        Known::Known(room) => Known::Known(if refuses && room.fullness() == Fullness::NotFull {
            Fullness::RefusesWrites
        } else {
            room.fullness()
        }),
        Known::Unknown { .. } if refuses => Known::Known(Fullness::RefusesWrites),
        Known::Unknown { why } => Known::unknown(why),
    }
}

#[cfg(test)]
mod tests;
