//! What a restore has come to, in a file of its own, written before each thing that it speaks of is done; afterwards it is the record
//! of the undo point.

use std::path::{Path, PathBuf};

use podman_btrfs_core::units::FilesystemName;
use serde::{Deserialize, Serialize};

use crate::ledger;
use crate::marker::is_id;
use crate::record_file;
use crate::system::{Fault, Identity, System};
use crate::units::Unit;

/// The version of the file's format.
pub const JOURNAL_VERSION: u32 = 1;

/// How the name of everything begins that a restore makes beside what it replaces: until the exchange it is what is restored, after
/// it what was replaced.
pub const UNDO: &str = ".podman-btrfs-undo-";

/// One restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Journal {
    /// Version of this format.
    pub journal_version: u32,
    /// Its identity: 32 hexadecimal digits.
    pub id: String,
    /// The copy of a workload.
    pub copy: String,
    /// What was asked for, to know the same command again.
    pub asked: Asked,
    /// The point that it restores.
    pub point: String,
    /// When that was taken, in seconds since 1970.
    pub taken: u64,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// When what is in use was last exchanged, in seconds since 1970.
    pub exchanged: Option<u64>,
    /// How many days what was replaced is kept.
    pub keep_days: u32,
    /// True after an undo: what lies in its place is what was there before.
    pub is_undone: bool,
    /// As long as an undo is being done: the `exchanged` of before it.
    pub before: Option<u64>,
    /// Which part of the work is begun.
    pub stage: Stage,
    /// The units that were stopped, or are about to be, and are to be started again.
    pub units: Vec<Unit>,
    /// What is exchanged.
    pub items: Vec<Item>,
    /// The update that it takes back: another image wrote what it replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<String>,
}

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    /// Single volumes; none: all.
    pub volumes: Vec<String>,
    /// The newest point not after this.
    pub at: Option<String>,
    /// A point by name.
    pub snapshot: Option<String>,
    /// A target of the plan.
    pub from: Option<String>,
}

/// One thing that is exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Item {
    /// On which filesystem.
    pub filesystem: FilesystemName,
    /// Where it is in use, below the top level.
    pub place: String,
    /// Where it is prepared, and what was replaced is kept.
    pub beside: String,
    /// The snapshot that it comes from; for a volume of a group the directory in it.
    pub source: String,
    /// Whether it is a whole subvolume, or a directory of one.
    pub is_subvolume: bool,
    /// What is in use; absent where nothing is.
    pub old: Option<Identity>,
    /// What is to be in use; absent until it is whole.
    pub new: Option<Identity>,
    /// Its volumes.
    pub volumes: Vec<ItemVolume>,
    /// Subvolumes in it that go along with the place and not with the data, below it.
    pub carried: Vec<String>,
}

/// A volume in what is exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemVolume {
    /// As `shop/pgdata`.
    pub key: String,
    /// Below the item's place; empty where it is that itself.
    pub inside: String,
    /// The identity that it is to say; absent where nobody knows one yet.
    pub id: Option<String>,
    /// How it comes to have what is planned for it.
    pub made: Made,
}

/// How restored data comes to lie with the attributes that are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Made {
    /// A snapshot has them: nothing is copied.
    Snapshot,
    /// Each file is made anew, and shares its blocks with the snapshot.
    Reflink,
    /// All is copied.
    Copy,
}

/// Which part of the work is begun. Before the exchange nothing that is in use was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// What is restored is made beside its place.
    Preparing,
    /// Units are stopped.
    Stopping,
    /// Each item takes its place; whether it did, it tells itself.
    Exchanging,
    /// All did; units are started.
    Starting,
    /// They did not come up: what was there takes its place back.
    Returning,
    /// All is done, and what was replaced is kept.
    Done,
}

impl Journal {
    /// Where the journal of this identity is.
    #[must_use]
    pub fn path(directory: &Path, id: &str) -> PathBuf {
        directory.join(format!("{id}.json"))
    }

    /// Whether nothing of it is left to be done but to forget what is kept.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.stage == Stage::Done
    }

    /// All journals, oldest first.
    ///
    /// # Errors
    /// When one cannot be read or understood.
    pub fn all(system: &dyn System, directory: &Path) -> Result<Vec<Self>, Fault> {
        let mut found = record_file::all(system, directory, Self::parse)?;
        found.sort_by_key(|journal| {
            (
                journal.exchanged.unwrap_or(journal.started),
                journal.id.clone(),
            )
        });
        Ok(found)
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
        if !is_id(&self.id) {
            return out(&self.id);
        }
        for item in &self.items {
            let name = item.beside.rsplit('/').next().unwrap_or_default();
            if !ledger::is_below(&item.beside) || !name.starts_with(&format!("{UNDO}{}-", self.id))
            {
                return out(&item.beside);
            }
            let inside = item.volumes.iter().map(|volume| &volume.inside);
            let inside = inside.filter(|inside| !inside.is_empty());
            let others = [&item.place, &item.source];
            let mut all = others.into_iter().chain(&item.carried).chain(inside);
            if let Some(path) = all.find(|path| !ledger::is_below(path)) {
                return out(path);
            }
        }
        Ok(())
    }

    /// Writes it: at every moment either the old text is there or the new one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, system: &dyn System, directory: &Path) -> Result<(), Fault> {
        record_file::keep(self, system, &Self::path(directory, &self.id))
    }

    /// Until when what was replaced is kept, in seconds since 1970.
    #[must_use]
    pub fn until(&self) -> u64 {
        const DAY: u64 = 24 * 60 * 60;
        self.exchanged.unwrap_or(self.started) + u64::from(self.keep_days) * DAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    const TEXT: &str = r#"{"journalVersion": 1, "id": "00112233445566778899aabbccddeeff", "copy": "shop", "point": "x", "taken": 4, "started": 5,
        "asked": {"volumes": [], "at": null, "snapshot": null, "from": null}, "exchanged": 6, "keepDays": 7, "isUndone": false, "before": null,
        "stage": "done", "units": [], "items": [{"filesystem": "tank", "place": "@volumes/shop",
        "beside": "@snapshots/.podman-btrfs-undo-00112233445566778899aabbccddeeff-shop", "source": "@snapshots/shop.1", "isSubvolume": true,
        "old": null, "new": null, "volumes": [{"key": "shop/files", "inside": "files", "id": null, "made": "snapshot"}],
        "carried": [".snapshots"]}]}"#;

    #[test]
    fn what_is_written_is_read() {
        let journal = Journal::parse(TEXT).unwrap();
        let text = serde_json::to_string_pretty(&journal).unwrap();
        assert_eq!(Journal::parse(&text).unwrap(), journal);
        assert_eq!(journal.until(), 6 + 7 * 86_400);
    }

    #[test]
    fn half_of_it_another_version_and_paths_that_lead_out_are_not_understood() {
        for length in 0..TEXT.len() {
            assert!(Journal::parse(&TEXT[..length]).is_err(), "{length}");
        }
        for (from, to) in [
            ("journalVersion\": 1", "journalVersion\": 2"),
            ("\"id\": \"0011", "\"id\": \"../1"),
            ("undo-0011", "undo-1111"),
            ("@snapshots/.podman", "@snapshots/../.podman"),
            ("@volumes/shop", "/etc"),
            ("@snapshots/shop.1", "../x"),
            ("[\".snapshots\"]", "[\"..\"]"),
            ("\"inside\": \"files\"", "\"inside\": \"/files\""),
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
                let _ = journal.until();
                for item in &journal.items {
                    let paths = [&item.place, &item.beside, &item.source];
                    let mut parts = paths.iter().flat_map(|path| path.split('/'));
                    assert!(!parts.any(|part| part == ".." || part.is_empty()));
                }
            }
        });
    }
}
