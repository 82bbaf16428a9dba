//! What a migration has come to, in a file of its own, written before each thing that it speaks of is done: whatever ends a run,
//! the next one knows where to go on.

use std::path::{Path, PathBuf};

use podman_btrfs_core::units::FilesystemName;
use serde::{Deserialize, Serialize};

use crate::ledger::{self, Place};
use crate::record_file;
use crate::system::{Fault, Identity, System};
use crate::units::Unit;

/// The version of the file's format.
pub const JOURNAL_VERSION: u32 = 1;

/// How the name of everything begins that a migration makes beside a volume.
pub(super) const PREFIX: &str = ".podman-btrfs-";

/// The migration of one volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Journal {
    /// Version of this format.
    pub journal_version: u32,
    /// The volume, as `shop/pgdata`.
    pub volume: String,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// How many days its source is kept.
    pub keep_days: u32,
    /// What is copied.
    pub source: Source,
    /// Where it is to lie.
    pub target: Place,
    /// Where the copy is made, below the top level of the target's filesystem.
    pub staging: String,
    /// The identity that the copy's marker says: what lies at the target is the copy when it says so.
    pub marker: String,
    /// Which part of the work is begun.
    pub stage: Stage,
    /// The units that were stopped, or are about to be, and are to be started again.
    pub units: Vec<Unit>,
    /// What the first copy took, to say how long the stop takes.
    pub copied: Option<Copied>,
    /// What the ledger said of the volume before it was exchanged.
    pub before: Option<Before>,
    /// Sources that are kept, of this migration and of earlier ones.
    pub kept: Vec<Kept>,
}

/// Where something lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spot {
    /// On a filesystem of the plan; absent: anywhere on the host.
    pub filesystem: Option<FilesystemName>,
    /// Below the top level of that filesystem, or the whole path.
    pub path: String,
}

/// What is copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// Where it lies.
    pub spot: Spot,
    /// Which directory it is.
    pub identity: Identity,
    /// The identity that its marker says; absent outside of the plan's filesystems.
    pub marker: Option<String>,
}

/// What the ledger said of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Before {
    /// The name that it had there: its former one, where it is moved and renamed at once.
    pub volume: String,
    /// All else.
    pub entry: ledger::Entry,
}

/// What the first copy took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Copied {
    /// Bytes that were in the source.
    pub bytes: u64,
    /// How long it took.
    pub seconds: u64,
}

/// A source that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kept {
    /// Where it lies.
    pub spot: Spot,
    /// Which directory it is.
    pub identity: Identity,
    /// Until when, in seconds since 1970.
    pub until: u64,
}

/// Which part of the work is begun. What comes before the exchange can be done again from its beginning: until then the source
/// is the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The copy's place is made, and the first copy, while the volume is in use.
    Preparing,
    /// Units are stopped, the rest is copied, all is compared.
    Stopping,
    /// The copy takes the volume's place; whether it did, its marker tells.
    Exchanging,
    /// It did; the units are started.
    Starting,
    /// They did not come up: the source takes its place back.
    Returning,
    /// All is done.
    Done,
    /// It was given up, and the source is the volume.
    Abandoned,
}

impl Journal {
    /// Where the journal of a volume is.
    #[must_use]
    pub fn path(directory: &Path, volume: &str) -> PathBuf {
        directory.join(format!("{}.json", volume.replace('/', "+")))
    }

    /// Reads it; `None` where no migration was begun.
    ///
    /// # Errors
    /// When it cannot be read or understood, and what a person does about it.
    pub fn read(system: &dyn System, file: &Path) -> Result<Option<Self>, Fault> {
        read(system, file, Self::parse)
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Why it is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let journal: Self = record_file::parse(text, JOURNAL_VERSION)?;
        journal.check()?;
        Ok(journal)
    }

    /// Paths from a file become paths that are renamed and deleted.
    fn check(&self) -> Result<(), String> {
        let out = |path: &str| Err(format!("`{}` is no path of its kind", path.escape_debug()));
        let name = self.staging.rsplit('/').next().unwrap_or_default();
        let same_above = above(&self.staging) == above(&self.target.path);
        if !ledger::is_below(&self.staging) || !name.starts_with(PREFIX) || !same_above {
            return out(&self.staging);
        }
        if !ledger::is_below(&self.target.path) {
            return out(&self.target.path);
        }
        let kept = self.kept.iter().map(|kept| &kept.spot);
        for spot in std::iter::once(&self.source.spot).chain(kept) {
            let is_fine = match spot.filesystem {
                Some(_) => ledger::is_below(&spot.path),
                None => spot.path.strip_prefix('/').is_some_and(ledger::is_below),
            };
            if !is_fine {
                return out(&spot.path);
            }
        }
        Ok(())
    }

    /// Writes it: at every moment either the old text is there or the new one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, system: &dyn System, file: &Path) -> Result<(), Fault> {
        record_file::keep(self, system, file)
    }

    /// Whether nothing of it is left to be done but to forget what is kept.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Abandoned)
    }

    /// Whether nothing was exchanged, nor about to be.
    #[must_use]
    pub fn is_only_copied(&self) -> bool {
        matches!(self.stage, Stage::Preparing | Stage::Stopping)
    }

    /// Whether the volume stays at its path, and only what it is changes.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        self.source.spot == Spot::of(&self.target)
    }
}

impl Spot {
    /// The spot that a place is.
    #[must_use]
    pub fn of(place: &Place) -> Self {
        Self {
            filesystem: Some(place.filesystem.clone()),
            path: place.path.clone(),
        }
    }

    /// In words.
    #[must_use]
    pub fn shown(&self) -> String {
        let path = self.path.escape_debug();
        match &self.filesystem {
            Some(filesystem) => format!("{path} of {filesystem}"),
            None => path.to_string(),
        }
    }
}

/// Reads a journal; `None` where no migration was begun.
pub(super) fn read<T>(
    system: &dyn System,
    file: &Path,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, Fault> {
    let Some(text) = system.read(file)? else {
        return Ok(None);
    };
    parse(&text).map(Some).map_err(|why| {
        Fault::Unexpected(format!(
            "the journal {} is not understood ({why}); nothing is changed until it is: restore it from a backup, or use the version \
             of podman-btrfs that wrote it; where neither can be had, look which of the two directories is in use, move the \
             journal away, and begin anew",
            file.display()
        ))
    })
}

fn above(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(above, _)| above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    const TEXT: &str = r#"{"journalVersion": 1, "volume": "shop/pgdata", "started": 5, "keepDays": 14,
        "source": {"spot": {"filesystem": null, "path": "/var/lib/x/_data"}, "marker": null,
            "identity": {"filesystem": 1, "inode": 2, "bornSeconds": 3, "bornNanoseconds": 4}},
        "target": {"filesystem": "tank", "path": "@volumes/shop/pgdata"}, "staging": "@volumes/shop/.podman-btrfs-1",
        "marker": "1", "stage": "preparing", "units": [], "copied": null, "before": null, "kept": []}"#;

    #[test]
    fn what_is_written_is_read() {
        let journal = Journal::parse(TEXT).unwrap();
        let text = serde_json::to_string_pretty(&journal).unwrap();
        assert_eq!(Journal::parse(&text).unwrap(), journal);
    }

    #[test]
    fn half_of_it_another_version_and_paths_that_lead_out_are_not_understood() {
        for length in 0..TEXT.len() {
            assert!(Journal::parse(&TEXT[..length]).is_err(), "{length}");
        }
        for (from, to) in [
            ("journalVersion\": 1", "journalVersion\": 2"),
            ("@volumes/shop/.podman-btrfs-1", "@volumes/shop/pgdata2"),
            ("@volumes/shop/.podman-btrfs-1", "@volumes/.podman-btrfs-1"),
            ("@volumes/shop", "@volumes/../.."),
            ("/var/lib/x/_data", "/var/lib/../_data"),
            ("/var/lib/x/_data", "var/lib"),
            ("\"units\": []", "\"units\": [], \"more\": 1"),
        ] {
            assert!(TEXT.contains(from), "{from}");
            assert!(Journal::parse(&TEXT.replace(from, to)).is_err(), "{to}");
        }
    }

    #[test]
    fn journals_of_any_kind() {
        damage::each(&[TEXT], |text| {
            if let Ok(journal) = Journal::parse(text) {
                let again = serde_json::to_string(&journal).unwrap();
                assert_eq!(Journal::parse(&again).unwrap(), journal);
                assert!(!journal.staging.split('/').any(|part| part == ".."));
            }
        });
    }
}
