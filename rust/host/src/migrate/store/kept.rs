//! The end of stores that were kept, and of moves that are given up.

use std::path::Path;

use super::super::engine::Work as _;
use super::super::exchange::Whereabouts;
use super::super::journal::{Kept, Stage};
use super::super::{Outcome, Stop};
use super::mover::{StoreMover, report};
use super::{StoreJournal, StoreReport, refused};
use crate::system::{Fault, NodeKind, System, delete_tree};
use crate::units;

const DAY: u64 = 24 * 60 * 60;

impl StoreMover<'_> {
    /// Deletes the old stores whose days are over: each only if it is the very directory that was moved.
    pub(super) fn forget_stores(
        &mut self,
        journal: Option<StoreJournal>,
    ) -> Result<StoreReport, Stop> {
        let Some(mut journal) = journal.filter(|journal| !journal.kept.is_empty()) else {
            return refused("no old store is kept");
        };
        if !journal.has_ended() {
            return refused(
                "a move is begun and not ended; end that first, by the same command without `--forget-source`",
            );
        }
        let now = self.system.now();
        let due: Vec<Kept> = journal
            .kept
            .iter()
            .filter(|kept| kept.until <= now)
            .cloned()
            .collect();
        let earliest = journal.kept.iter().map(|kept| kept.until).min();
        if let Some(until) = earliest.filter(|_| due.is_empty()) {
            let days = (until - now).div_ceil(DAY);
            return refused(format!("the old store is kept for {days} more days"));
        }
        for kept in due {
            self.forget(&kept)?;
            journal.kept.retain(|other| *other != kept);
            self.keep_or_end(&journal)?;
        }
        Ok(report(Outcome::Forgotten, None, journal.kept))
    }

    fn forget(&mut self, kept: &Kept) -> Result<(), Stop> {
        let (path, shown) = (Path::new(&kept.spot.path), kept.spot.shown());
        match self.system.identity(path)? {
            None => (self.told)(&format!("{shown} is gone already")),
            Some(found) if found != kept.identity => {
                return refused(format!(
                    "what lies in {shown} is not what was kept there, and stays; move it away, and this is forgotten"
                ));
            }
            Some(_) => {
                self.is_unused(path)?;
                (self.told)(&format!("deleting {shown}"));
                delete(self.system, path)?;
            }
        }
        Ok(())
    }

    /// A journal with nothing left to remember goes.
    fn keep_or_end(&self, journal: &StoreJournal) -> Result<(), Fault> {
        if journal.kept.is_empty() {
            return self.system.remove_file(&self.file);
        }
        self.keep(journal)
    }

    /// Gives up a move that is not made: the old store stays, and the new one goes.
    pub(super) fn abandon(&mut self, journal: Option<StoreJournal>) -> Result<StoreReport, Stop> {
        let Some(mut journal) = journal.filter(|journal| !journal.has_ended()) else {
            return refused("no move is begun");
        };
        if !journal.is_only_copied() && self.whereabouts(&journal)? == Whereabouts::After {
            return refused(
                "the exchange was made, and the new store is the one that is used; the same command without `--abandon` ends the move",
            );
        }
        let failed = units::start(self.system, &journal.units)?;
        self.discard_staging(&journal)?;
        journal.units.clear();
        journal.staged = None;
        self.enter(&mut journal, Stage::Abandoned)?;
        self.keep_or_end(&journal)?;
        if !failed.is_empty() {
            return refused(format!(
                "it was given up, and what was stopped does not come up: {}",
                failed.join("; ")
            ));
        }
        Ok(report(Outcome::Abandoned, None, journal.kept))
    }

    /// Deletes the new store, if it is the one of this move.
    pub(super) fn discard_staging(&self, journal: &StoreJournal) -> Result<(), Fault> {
        let staging = self.staging(journal);
        let Some(found) = self.system.identity(&staging)? else {
            return Ok(());
        };
        let node = self.system.look(&staging)?;
        let is_empty = node.is_some_and(|node| node.is_empty);
        if journal.staged.as_ref() != Some(&found) && !is_empty {
            return Err(Fault::Unexpected(format!(
                "{} was not made by this move, and is left as it is",
                staging.display()
            )));
        }
        delete(self.system, &staging)
    }
}

/// Deletes a store that no Podman uses. Layers of the btrfs driver are subvolumes.
fn delete(system: &dyn System, store: &Path) -> Result<(), Fault> {
    const LAYERS: &str = "btrfs/subvolumes";
    for name in system.list_below(store, LAYERS)?.unwrap_or_default() {
        let layer = store.join(LAYERS).join(name);
        let kind = system.look(&layer)?.map(|node| node.kind);
        if kind == Some(NodeKind::Subvolume) {
            system.delete_subvolume(&layer)?;
        }
    }
    delete_tree(system, store, store.display())
}
