//! What the move of a store has come to, as [`crate::migrate::journal`] does it for a volume.

use std::path::Path;

use podman_btrfs_core::spec::Driver;
use serde::{Deserialize, Serialize};

use super::super::engine::Record;
use super::super::journal::{self, Copied, JOURNAL_VERSION, Kept, PREFIX, Stage};
use crate::ledger;
use crate::record_file;
use crate::system::{Fault, Identity, System};
use crate::units::Unit;

/// The journal's file: no volume's, which all have a `+`.
pub(crate) const FILE: &str = "store-root.json";

/// The move of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoreJournal {
    /// Version of this format.
    pub journal_version: u32,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// How many days the old store is kept.
    pub keep_days: u32,
    /// Where the store is.
    pub graph_root: String,
    /// The driver that it has.
    pub from: Driver,
    /// The driver that it gets.
    pub to: Driver,
    /// Which directory the old store is.
    pub source: Identity,
    /// Where the new one is made: a name beside the graph root.
    pub staging: String,
    /// Which directory the new one is; absent: it is not made.
    pub staged: Option<Identity>,
    /// Which part of the work is begun.
    pub stage: Stage,
    /// The units that were stopped, or are about to be, and are to be started again.
    pub units: Vec<Unit>,
    /// What the first copy took, to say how long the stop takes.
    pub copied: Option<Copied>,
    /// Old stores that are kept, of this move and of earlier ones.
    pub kept: Vec<Kept>,
}

impl StoreJournal {
    /// Reads it; `None` where no move was begun.
    ///
    /// # Errors
    /// When it cannot be read or understood, and what a person does about it.
    pub fn read(system: &dyn System, file: &Path) -> Result<Option<Self>, Fault> {
        journal::read(system, file, Self::parse)
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
        let is_path = |path: &str| path.strip_prefix('/').is_some_and(ledger::is_below);
        if !is_path(&self.graph_root) {
            return out(&self.graph_root);
        }
        if !self.staging.starts_with(PREFIX) || self.staging.contains('/') {
            return out(&self.staging);
        }
        for kept in &self.kept {
            let name = kept.spot.path.rsplit('/').next().unwrap_or_default();
            let is_ours = kept.spot.filesystem.is_none() && name.starts_with(PREFIX);
            if !is_ours || !is_path(&kept.spot.path) {
                return out(&kept.spot.path);
            }
        }
        Ok(())
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
}

impl Record for StoreJournal {
    fn stage(&self) -> Stage {
        self.stage
    }

    fn set_stage(&mut self, stage: Stage) {
        self.stage = stage;
    }

    fn units(&self) -> &[Unit] {
        &self.units
    }

    fn forget_units(&mut self) {
        self.units.clear();
    }

    fn kept_in(&self) -> String {
        let kept = self.kept.last();
        kept.map(|kept| kept.spot.shown()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    const TEXT: &str = r#"{"journalVersion": 1, "started": 5, "keepDays": 14, "graphRoot": "/var/lib/containers/storage",
        "from": "overlay", "to": "btrfs", "source": {"filesystem": 1, "inode": 2, "bornSeconds": 3, "bornNanoseconds": 4},
        "staging": ".podman-btrfs-store-1", "staged": null, "stage": "preparing", "units": [], "copied": null,
        "kept": [{"spot": {"filesystem": null, "path": "/var/lib/containers/.podman-btrfs-store-0"}, "until": 7,
            "identity": {"filesystem": 1, "inode": 2, "bornSeconds": 3, "bornNanoseconds": 4}}]}"#;

    #[test]
    fn what_is_written_is_read() {
        let journal = StoreJournal::parse(TEXT).unwrap();
        let text = serde_json::to_string_pretty(&journal).unwrap();
        assert_eq!(StoreJournal::parse(&text).unwrap(), journal);
    }

    #[test]
    fn half_of_it_another_version_and_paths_that_lead_out_are_not_understood() {
        for length in 0..TEXT.len() {
            assert!(StoreJournal::parse(&TEXT[..length]).is_err(), "{length}");
        }
        for (from, to) in [
            ("journalVersion\": 1", "journalVersion\": 2"),
            (".podman-btrfs-store-1", "storage"),
            (".podman-btrfs-store-1", ".podman-btrfs-/../x"),
            ("/var/lib/containers/storage", "/var/lib/../storage"),
            ("/var/lib/containers/.podman-btrfs-store-0", "/home"),
            ("/var/lib/containers/.podman", "/var/../.podman"),
            ("\"units\": []", "\"units\": [], \"more\": 1"),
            ("\"overlay\"", "\"zfs\""),
        ] {
            assert!(TEXT.contains(from), "{from}");
            assert!(
                StoreJournal::parse(&TEXT.replace(from, to)).is_err(),
                "{to}"
            );
        }
    }

    #[test]
    fn journals_of_any_kind() {
        damage::each(&[TEXT], |text| {
            if let Ok(journal) = StoreJournal::parse(text) {
                let again = serde_json::to_string(&journal).unwrap();
                assert_eq!(StoreJournal::parse(&again).unwrap(), journal);
                assert!(!journal.staging.contains('/'));
            }
        });
    }
}
