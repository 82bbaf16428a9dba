//! The parts of a move, one after another, each begun by the journal saying so.

use std::path::Path;

use podman_btrfs_core::plan::Placement;

use super::copy::{self, How};
use super::exchange::Whereabouts;
use super::journal::{Copied, Journal, Stage};
use super::{Mover, Stop, estimate, units};
use crate::marker::Marker;
use crate::system::Fault;

impl Mover<'_> {
    /// Goes on from where the journal stands, to the end.
    pub(super) fn work(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        loop {
            match journal.stage {
                Stage::Preparing => self.prepare(journal)?,
                Stage::Stopping => self.stop_and_exchange(journal)?,
                Stage::Exchanging => match self.whereabouts(journal)? {
                    // What used it may have been started since it was compared.
                    Whereabouts::Before => self.enter(journal, Stage::Stopping)?,
                    Whereabouts::After => self.is_exchanged(journal)?,
                },
                Stage::Starting => self.start(journal)?,
                Stage::Returning => self.was_returning(journal)?,
                Stage::Done | Stage::Abandoned => return Ok(()),
            }
        }
    }

    pub(super) fn enter(&mut self, journal: &mut Journal, stage: Stage) -> Result<(), Fault> {
        journal.stage = stage;
        self.keep(journal)
    }

    /// The copy is the volume. What used it is started whatever comes of the rest.
    fn is_exchanged(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let settled = self.settle(journal);
        let Err(stop) = settled.and_then(|()| Ok(self.enter(journal, Stage::Starting)?)) else {
            return Ok(());
        };
        if self.exchanged_now {
            return self.go_back(journal, stop);
        }
        Err(match units::start(self.system, &journal.units) {
            Ok(_) => stop.and("the copy is the volume, and what was stopped was started"),
            Err(fault) => stop.and(&format!(
                "the copy is the volume, and what was stopped could not be started: {fault}"
            )),
        })
    }

    /// The first copy, while the volume is in use.
    fn prepare(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        self.is_source_there(journal)?;
        let holds = self.survey(&journal.source.spot)?;
        self.room(&holds, Some(&journal.staging))?;
        copy::look_for_programs(self.system)?;
        self.mark_source(journal)?;
        self.make_staging(journal)?;
        (self.told)(&format!(
            "copying {} while it is in use",
            estimate::bytes(holds.bytes)
        ));
        let began = self.system.now();
        self.copy(journal, How::InUse)?;
        let copied = Copied {
            bytes: holds.bytes,
            seconds: self.system.now().saturating_sub(began),
        };
        journal.copied = Some(copied);
        journal.units = self.running()?;
        let shown: Vec<String> = journal.units.iter().map(units::Unit::shown).collect();
        if !shown.is_empty() {
            let time = estimate::measured(&holds, copied);
            (self.told)(&format!("stopping {} for about {time}", shown.join(", ")));
        }
        Ok(self.enter(journal, Stage::Stopping)?)
    }

    fn is_source_there(&self, journal: &Journal) -> Result<(), Stop> {
        let spot = &journal.source.spot;
        let found = self.system.identity(&self.path(spot)?)?;
        if found.as_ref() == Some(&journal.source.identity) {
            return Ok(());
        }
        Err(Stop::Refused(format!(
            "what lies in {} is not what the move began with; `--abandon` gives the move up",
            spot.shown()
        )))
    }

    /// On our own filesystems what is left is known by its marker.
    fn mark_source(&self, journal: &mut Journal) -> Result<(), Fault> {
        if journal.source.spot.filesystem.is_none() || journal.source.marker.is_some() {
            return Ok(());
        }
        let marker = Marker::born(&journal.volume, self.system)?;
        journal.source.marker = Some(marker.id.clone());
        self.keep(journal)?;
        marker.set(&self.path(&journal.source.spot)?, self.system)
    }

    fn copy(&self, journal: &Journal, how: How) -> Result<(), Stop> {
        let (source, staging) = (self.path(&journal.source.spot)?, self.staging(journal)?);
        match copy::copy(self.system, &source, &staging, how) {
            Err(fault) if copy::is_full(&fault) => {
                self.discard_staging(journal)?;
                Err(Stop::Refused(format!(
                    "the copy does not fit on {}, and was deleted; make room, and begin again ({fault})",
                    journal.target.filesystem
                )))
            }
            result => Ok(result?),
        }
    }

    fn running(&self) -> Result<Vec<units::Unit>, Fault> {
        let host_path = self.volume.planned.host_path.as_str();
        let candidates = units::candidates(self.plan, host_path, &self.request.units);
        units::running(self.system, &candidates, &self.request.units)
    }

    /// The short stop. Whatever goes wrong before the exchange, the source is the volume and runs again.
    fn stop_and_exchange(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let before = match self.stopped(journal) {
            Ok(()) => return Ok(()),
            Err(stop) => stop,
        };
        if journal.stage == Stage::Exchanging {
            match self.whereabouts(journal) {
                Ok(Whereabouts::Before) => {}
                Ok(Whereabouts::After) => return self.go_back(journal, before),
                Err(unclear) => return Err(unclear),
            }
        }
        Err(self.undisturbed(journal, before))
    }

    /// Starts again what was stopped for a move that is not made now.
    fn undisturbed(&mut self, journal: &mut Journal, why: Stop) -> Stop {
        let started = units::start(self.system, &journal.units);
        let text = match started {
            Ok(failed) if failed.is_empty() && journal.units.is_empty() => {
                "the source is as it was".to_owned()
            }
            Ok(failed) if failed.is_empty() => {
                "the source is as it was, and what was stopped runs again".to_owned()
            }
            Ok(failed) => format!(
                "the source is as it was, and what was stopped does not come up: {}",
                failed.join("; ")
            ),
            Err(fault) => format!(
                "the source is as it was, and what was stopped could not be started: {fault}"
            ),
        };
        journal.units.clear();
        match self.enter(journal, Stage::Preparing) {
            Ok(()) => why.and(&text),
            Err(fault) => why
                .and(&text)
                .and(&format!("the journal could not be written: {fault}")),
        }
    }

    fn stopped(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let mut all = self.running()?;
        all.retain(|unit| {
            !journal
                .units
                .iter()
                .any(|known| known.name == unit.name && known.user == unit.user)
        });
        if !all.is_empty() {
            journal.units.append(&mut all);
            self.keep(journal)?;
        }
        self.is_source_there(journal)?;
        units::stop(self.system, &journal.units)?;
        self.nobody_uses(journal)?;
        self.survey(&journal.source.spot)?;
        self.make_staging(journal)?;
        (self.told)("copying what changed");
        self.copy(journal, How::Still)?;
        (self.told)("comparing source and copy");
        self.compare(journal)?;
        self.nobody_uses(journal)?;
        journal.before = self.ledger.volumes.get(&journal.volume).cloned();
        self.enter(journal, Stage::Exchanging)?;
        (self.told)("exchanging them");
        self.exchange(journal)?;
        self.exchanged_now = true;
        Ok(())
    }

    /// Whoever still has something open would go on writing to what is no longer the volume.
    fn nobody_uses(&self, journal: &Journal) -> Result<(), Stop> {
        let spot = &journal.source.spot;
        self.is_unused(&self.path(spot)?, &spot.shown())?;
        let staging = self.staging(journal)?;
        if self.system.look(&staging)?.is_none() {
            return Ok(());
        }
        self.is_unused(&staging, &journal.staging)
    }

    fn compare(&self, journal: &Journal) -> Result<(), Stop> {
        let (source, staging) = (self.path(&journal.source.spot)?, self.staging(journal)?);
        let mut different = self.system.differences(&source, &staging)?;
        if !different.is_empty() {
            // A file that was written to and has its size and time of change as before: its content is looked at.
            self.copy(journal, How::StillByContent)?;
            different = self.system.differences(&source, &staging)?;
        }
        if !different.is_empty() {
            return Err(Stop::Refused(format!(
                "the copy is not the same as the source: {}",
                different.join("; ")
            )));
        }
        let nodatacow = !self.volume.planned.copy_on_write;
        if let Some(file) = self.system.first_otherwise(&staging, nodatacow)? {
            let name = file
                .strip_prefix(&staging)
                .unwrap_or(&file)
                .to_string_lossy();
            return Err(Stop::Refused(format!(
                "`{}` in the copy did not get the nodatacow attribute as planned",
                name.escape_debug()
            )));
        }
        if nodatacow {
            self.is_unshared(&staging)?;
        }
        Ok(())
    }

    /// What shares its blocks with another file is copied at the next write, nodatacow or not.
    fn is_unshared(&self, staging: &Path) -> Result<(), Stop> {
        let shown = staging.to_string_lossy();
        let arguments = ["filesystem", "du", "--raw", "--summarize", "--", &*shown];
        let printed = self.system.run("btrfs", &arguments)?.stdout;
        let shared = shared(&printed).ok_or_else(|| {
            Fault::Unexpected(
                "`btrfs filesystem du` printed something that is not understood".into(),
            )
        })?;
        // A snapshot of the group that was taken meanwhile shares them, and so do those that are taken later.
        let is_alone = self.volume.planned.placement == Placement::OwnSubvolume;
        if shared > 0 && is_alone {
            return Err(Stop::Refused(format!(
                "{} of the copy are shared with other files, although nothing should share them",
                estimate::bytes(shared)
            )));
        }
        Ok(())
    }

    /// Starts what was stopped, on the new place.
    fn start(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        if self.whereabouts(journal)? == Whereabouts::Before {
            return Ok(self.enter(journal, Stage::Stopping)?);
        }
        if !journal.units.is_empty() {
            (self.told)("starting what was stopped");
        }
        let failed = units::start(self.system, &journal.units)?;
        if failed.is_empty() {
            return Ok(self.enter(journal, Stage::Done)?);
        }
        let why = Stop::Refused(format!(
            "what was stopped does not come up on the new place: {}",
            failed.join("; ")
        ));
        if self.exchanged_now {
            return self.go_back(journal, why);
        }
        let kept = journal
            .kept
            .last()
            .map(|kept| kept.spot.shown())
            .unwrap_or_default();
        Err(why.and(&format!(
            "the exchange was made by an earlier run and the new place may have been written to since, so it is not undone; the source \
             is kept in {kept}; when the units run, the same command ends the move"
        )))
    }

    /// The source becomes the volume again.
    fn go_back(&mut self, journal: &mut Journal, why: Stop) -> Result<(), Stop> {
        (self.told)("going back to the source");
        self.enter(journal, Stage::Returning)?;
        let back = units::stop(self.system, &journal.units)
            .and_then(|()| self.exchange_back(journal))
            .and_then(|()| self.remember_old_place(journal));
        if let Err(fault) = back {
            return Err(why.and(&format!(
                "and the way back failed: {fault}; run the same command again"
            )));
        }
        Err(self.undisturbed(journal, why))
    }

    /// A run was ended on its way back. Where the new place is still the volume it stays so: it may have been written to since.
    fn was_returning(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        match self.whereabouts(journal)? {
            Whereabouts::After => {
                self.settle(journal)?;
                Ok(self.enter(journal, Stage::Starting)?)
            }
            Whereabouts::Before => {
                self.remember_old_place(journal)?;
                let why = "what was stopped did not come up on the new place, and the run before this one went back".to_owned();
                Err(self.undisturbed(journal, Stop::Refused(why)))
            }
        }
    }
}

/// The shared bytes in what `btrfs filesystem du --raw --summarize` prints: total, exclusive, shared, name.
fn shared(printed: &str) -> Option<u64> {
    let mut rows = printed.lines().skip(1);
    rows.next()?.split_whitespace().nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::shared;

    #[test]
    fn shared_bytes_are_read() {
        let printed = "     Total   Exclusive  Set shared  Filename\n   4194304     4190208        4096  /mnt/a\n";
        assert_eq!(shared(printed), Some(4096));
        assert_eq!(shared(""), None);
        assert_eq!(shared(&printed.replace("4096", "-")), None);
    }
}
