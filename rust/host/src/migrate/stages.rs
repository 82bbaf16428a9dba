//! The parts of a move, one after another, each begun by the journal saying so.

use super::copy::{self, How};
use super::exchange::Whereabouts;
use super::journal::{Copied, Journal, Stage};
use super::{Mover, Stop, estimate};
use crate::marker::Marker;
use crate::system::Fault;
use crate::units;

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

    pub(super) fn is_source_there(&self, journal: &Journal) -> Result<(), Stop> {
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
