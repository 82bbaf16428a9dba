//! The parts of a move, one after another, each begun by its journal saying so: the same for a volume's data and for a store of
//! Podman, which say in [`Work`] how each part is done.

use super::Stop;
use super::exchange::Whereabouts;
use super::journal::Stage;
use crate::system::{Fault, System};
use crate::units::{self, Unit};

/// What the journal of any move says.
pub(super) trait Record {
    /// Which part of the work is begun.
    fn stage(&self) -> Stage;
    /// Says that another one is.
    fn set_stage(&mut self, stage: Stage);
    /// The units that were stopped, or are about to be.
    fn units(&self) -> &[Unit];
    /// None is to be started again.
    fn forget_units(&mut self);
    /// Where the source is kept, in words.
    fn kept_in(&self) -> String;
}

/// A move: each part on its own, and all of them together.
pub(super) trait Work {
    /// Its journal.
    type Journal: Record;
    /// What is moved, in one word.
    const WHAT: &'static str;

    fn system(&self) -> &dyn System;
    fn tell(&mut self, text: &str);
    /// Writes the journal.
    fn keep(&self, journal: &Self::Journal) -> Result<(), Fault>;
    /// The first copy, while the source is in use.
    fn prepare(&mut self, journal: &mut Self::Journal) -> Result<(), Stop>;
    /// The short stop, up to the exchange.
    fn stopped(&mut self, journal: &mut Self::Journal) -> Result<(), Stop>;
    /// Which of the two is in the place now.
    fn whereabouts(&self, journal: &Self::Journal) -> Result<Whereabouts, Stop>;
    /// What the exchange leaves to be noted, and cleaned up.
    fn settle(&mut self, journal: &mut Self::Journal) -> Result<(), Stop>;
    /// The source takes its place back.
    fn exchange_back(&self, journal: &Self::Journal) -> Result<(), Fault>;
    /// Notes that it did.
    fn remember_old_place(&mut self, journal: &mut Self::Journal) -> Result<(), Fault>;
    /// Whether this run made the exchange, so that nothing can have used the new place before it was asked to.
    fn exchanged_now(&self) -> bool;

    /// Goes on from where the journal stands, to the end.
    fn work(&mut self, journal: &mut Self::Journal) -> Result<(), Stop> {
        loop {
            match journal.stage() {
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

    fn enter(&mut self, journal: &mut Self::Journal, stage: Stage) -> Result<(), Fault> {
        journal.set_stage(stage);
        self.keep(journal)
    }

    /// The copy is in the place. What used it is started whatever comes of the rest.
    fn is_exchanged(&mut self, journal: &mut Self::Journal) -> Result<(), Stop> {
        let settled = self.settle(journal);
        let Err(stop) = settled.and_then(|()| Ok(self.enter(journal, Stage::Starting)?)) else {
            return Ok(());
        };
        if self.exchanged_now() {
            return self.go_back(journal, stop);
        }
        Err(match units::start(self.system(), journal.units()) {
            Ok(_) => stop.and(&format!(
                "the copy is the {}, and what was stopped was started",
                Self::WHAT
            )),
            Err(fault) => stop.and(&format!(
                "the copy is the {}, and what was stopped could not be started: {fault}",
                Self::WHAT
            )),
        })
    }

    /// The short stop. Whatever goes wrong before the exchange, the source stays in the place and runs again.
    fn stop_and_exchange(&mut self, journal: &mut Self::Journal) -> Result<(), Stop> {
        let before = match self.stopped(journal) {
            Ok(()) => return Ok(()),
            Err(stop) => stop,
        };
        if journal.stage() == Stage::Exchanging {
            match self.whereabouts(journal) {
                Ok(Whereabouts::Before) => {}
                Ok(Whereabouts::After) => return self.go_back(journal, before),
                Err(unclear) => return Err(unclear),
            }
        }
        Err(self.undisturbed(journal, before))
    }

    /// Starts again what was stopped for a move that is not made now.
    fn undisturbed(&mut self, journal: &mut Self::Journal, why: Stop) -> Stop {
        let started = units::start(self.system(), journal.units());
        let text = match started {
            Ok(failed) if failed.is_empty() && journal.units().is_empty() => {
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
        journal.forget_units();
        match self.enter(journal, Stage::Preparing) {
            Ok(()) => why.and(&text),
            Err(fault) => why
                .and(&text)
                .and(&format!("the journal could not be written: {fault}")),
        }
    }

    /// Starts what was stopped, on the new place.
    fn start(&mut self, journal: &mut Self::Journal) -> Result<(), Stop> {
        if self.whereabouts(journal)? == Whereabouts::Before {
            return Ok(self.enter(journal, Stage::Stopping)?);
        }
        if !journal.units().is_empty() {
            self.tell("starting what was stopped");
        }
        let failed = units::start(self.system(), journal.units())?;
        if failed.is_empty() {
            return Ok(self.enter(journal, Stage::Done)?);
        }
        let why = Stop::Refused(format!(
            "what was stopped does not come up on the new place: {}",
            failed.join("; ")
        ));
        if self.exchanged_now() {
            return self.go_back(journal, why);
        }
        let kept = journal.kept_in();
        Err(why.and(&format!(
            "the exchange was made by an earlier run and the new place may have been written to since, so it is not undone; the source \
             is kept in {kept}; when the units run, the same command ends the move"
        )))
    }

    /// The source takes its place again.
    fn go_back(&mut self, journal: &mut Self::Journal, why: Stop) -> Result<(), Stop> {
        self.tell("going back to the source");
        self.enter(journal, Stage::Returning)?;
        let back = units::stop(self.system(), journal.units())
            .and_then(|()| self.exchange_back(journal))
            .and_then(|()| self.remember_old_place(journal));
        if let Err(fault) = back {
            return Err(why.and(&format!(
                "and the way back failed: {fault}; run the same command again"
            )));
        }
        Err(self.undisturbed(journal, why))
    }

    /// A run was ended on its way back. Where the copy is in the place it stays there: it may have been written to since.
    fn was_returning(&mut self, journal: &mut Self::Journal) -> Result<(), Stop> {
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
