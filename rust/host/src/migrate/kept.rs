//! The end of sources that were kept, and of moves that are given up: all that a migration ever deletes.

use super::engine::Work as _;
use super::exchange::Whereabouts;
use super::journal::{Journal, Kept, Stage};
use super::{Mover, Outcome, Report, Stop};
use crate::ledger::Place;
use crate::system::{Fault, delete_tree};
use crate::units;

const DAY: u64 = 24 * 60 * 60;

impl Mover<'_> {
    /// Deletes the sources whose days are over: each only if it is the very directory that was copied.
    pub(super) fn forget_sources(&mut self, journal: Option<Journal>) -> Result<Report, Stop> {
        let Some(mut journal) = journal.filter(|journal| !journal.kept.is_empty()) else {
            return Err(Stop::Refused(format!(
                "no source of {} is kept",
                self.volume.key
            )));
        };
        if !journal.has_ended() {
            return Err(Stop::Refused("a move of it is begun and not ended; end that first, by the same command without `--forget-source`".into()));
        }
        let now = self.system.now();
        if let Some(early) = journal
            .kept
            .iter()
            .map(|kept| kept.until)
            .filter(|until| now < *until)
            .min()
            && journal.kept.iter().all(|kept| now < kept.until)
        {
            let days = (early - now).div_ceil(DAY);
            return Err(Stop::Refused(format!(
                "its source is kept for {days} more days"
            )));
        }
        let due: Vec<Kept> = journal
            .kept
            .iter()
            .filter(|kept| kept.until <= now)
            .cloned()
            .collect();
        for kept in due {
            self.forget(&mut journal, &kept)?;
        }
        Ok(self.report(Outcome::Forgotten, None, journal.kept))
    }

    fn forget(&mut self, journal: &mut Journal, kept: &Kept) -> Result<(), Stop> {
        let path = self.path(&kept.spot)?;
        let shown = kept.spot.shown();
        match self.system.identity(&path)? {
            None => (self.told)(&format!("{shown} is gone already")),
            Some(found) if found != kept.identity => {
                return Err(Stop::Refused(format!(
                    "what lies in {shown} is not what was kept there, and stays; move it away, and this is forgotten"
                )));
            }
            Some(_) => {
                self.is_unused(&path, &shown)?;
                (self.told)(&format!("deleting {shown}"));
                delete_tree(self.system, &path, path.display())?;
            }
        }
        if let Some(filesystem) = &kept.spot.filesystem {
            let place = Place {
                filesystem: filesystem.clone(),
                path: kept.spot.path.clone(),
            };
            self.ledger.left.retain(|left| left.place != place);
            self.ledger.keep(self.system, &self.request.ledger)?;
        }
        journal.kept.retain(|other| other != kept);
        Ok(self.keep_or_end(journal)?)
    }

    /// A journal with nothing left to remember goes.
    fn keep_or_end(&self, journal: &Journal) -> Result<(), Fault> {
        if journal.kept.is_empty() {
            return self.system.remove_file(&self.file);
        }
        self.keep(journal)
    }

    /// Gives up a move that is not made: the source is the volume, and the copy goes.
    pub(super) fn abandon(&mut self, journal: Option<Journal>) -> Result<Report, Stop> {
        let Some(mut journal) = journal.filter(|journal| !journal.has_ended()) else {
            return Err(Stop::Refused(format!(
                "no move of {} is begun",
                self.volume.key
            )));
        };
        let is_made = self.was_exchanged(&journal)?;
        if is_made {
            return Err(Stop::Refused(
                "the exchange was made, and the new place is the volume; the same command without `--abandon` ends the move".into(),
            ));
        }
        let failed = units::start(self.system, &journal.units)?;
        self.discard_staging(&journal)?;
        journal.units.clear();
        self.enter(&mut journal, Stage::Abandoned)?;
        self.keep_or_end(&journal)?;
        if !failed.is_empty() {
            return Err(Stop::Refused(format!(
                "it was given up, and what was stopped does not come up: {}",
                failed.join("; ")
            )));
        }
        Ok(self.report(Outcome::Abandoned, None, journal.kept))
    }

    fn was_exchanged(&self, journal: &Journal) -> Result<bool, Stop> {
        Ok(match journal.stage {
            Stage::Preparing | Stage::Stopping | Stage::Done | Stage::Abandoned => false,
            Stage::Exchanging | Stage::Starting | Stage::Returning => {
                self.whereabouts(journal)? == Whereabouts::After
            }
        })
    }
}
