//! The parts of a restore, one after another, each begun by the journal saying so.

use super::exchange::Whereabouts;
use super::health;
use super::journal::{Journal, Stage};
use super::restorer::Restorer;
use super::{Outcome, Report};
use crate::stop::Stop;
use crate::system::Fault;
use crate::units::{self, Unit};

impl Restorer<'_> {
    /// Goes on from where the journal stands, to the end. Returns what a person is to know.
    pub(super) fn work(&mut self, journal: &mut Journal) -> Result<Vec<String>, Stop> {
        loop {
            match journal.stage {
                Stage::Preparing => {
                    if let Err(stop) = self.prepare(journal) {
                        return Err(self.undisturbed(journal, stop));
                    }
                }
                Stage::Stopping => self.stop_and_exchange(journal)?,
                Stage::Exchanging => self.is_exchanging(journal)?,
                Stage::Starting => self.start(journal)?,
                Stage::Returning => self.was_returning(journal)?,
                Stage::Done => return Ok(self.notes(journal)),
            }
        }
    }

    fn enter(&mut self, journal: &mut Journal, stage: Stage) -> Result<(), Fault> {
        journal.stage = stage;
        self.keep(journal)
    }

    /// The short stop. Whatever goes wrong before the exchange, nothing was changed, and what was stopped runs again.
    fn stop_and_exchange(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let Err(stop) = self.stopped(journal) else {
            return Ok(());
        };
        if journal.stage == Stage::Exchanging && self.any_exchanged(journal)? {
            return self.go_back(journal, stop);
        }
        Err(self.undisturbed(journal, stop))
    }

    fn stopped(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let mut all = self.running(journal)?;
        let known = |unit: &Unit| {
            let mut units = journal.units.iter();
            units.any(|known| known.name == unit.name && known.user == unit.user)
        };
        all.retain(|unit| !known(unit));
        if !all.is_empty() {
            let shown: Vec<String> = all.iter().map(Unit::shown).collect();
            (self.told)(&format!("stopping {}", shown.join(", ")));
            journal.units.append(&mut all);
            self.keep(journal)?;
        }
        units::stop(self.system, &journal.units)?;
        if !journal.is_undo() {
            // What was empty may have been begun meanwhile.
            self.replaces_nothing()?;
        }
        for item in &journal.items {
            for path in [self.place(item)?, self.aside(item)?] {
                self.is_unused(&path, &item.place)?;
            }
            if self.whereabouts(item)? == Whereabouts::After {
                return Err(Stop::Refused(format!(
                    "{} was exchanged already",
                    item.place
                )));
            }
        }
        // The journal is on the disk as soon as it is written; what it speaks of has to be too.
        self.sync(journal)?;
        journal.exchanged = Some(self.system.now());
        self.enter(journal, Stage::Exchanging)?;
        (self.told)("exchanging");
        self.exchanged_now = true;
        self.exchange(journal, Whereabouts::Before)?;
        self.settle(journal)
    }

    fn settle(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        self.remember(journal)?;
        Ok(self.enter(journal, Stage::Starting)?)
    }

    fn is_unused(&self, path: &std::path::Path, shown: &str) -> Result<(), Stop> {
        if self.system.look(path)?.is_none() {
            return Ok(());
        }
        let users = self.system.users(path)?;
        match users.refusal(shown, &self.request.not_used_by) {
            Some(because) if users.found.is_empty() => Err(Stop::Refused(because)),
            Some(because) => Err(Stop::Refused(format!(
                "{because} (a unit that the plan does not know: `--unit NAME`)"
            ))),
            None => Ok(()),
        }
    }

    pub(super) fn running(&self, journal: &Journal) -> Result<Vec<Unit>, Fault> {
        let volumes = journal.items.iter().flat_map(|item| &item.volumes);
        let paths = volumes.filter_map(|volume| self.volume(&volume.key));
        let paths: Vec<&str> = paths
            .map(|(_, planned)| planned.host_path.as_str())
            .collect();
        let candidates = units::candidates(self.plan, &paths, &self.request.units);
        units::running(self.system, &candidates, &self.request.units)
    }

    fn any_exchanged(&self, journal: &Journal) -> Result<bool, Stop> {
        for item in &journal.items {
            if self.whereabouts(item)? == Whereabouts::After {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A run was ended between the first exchange and the last: all of them or none.
    fn is_exchanging(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        if !self.any_exchanged(journal)? {
            // What used it may have been started since.
            return Ok(self.enter(journal, Stage::Stopping)?);
        }
        for item in &journal.items {
            if self.whereabouts(item)? == Whereabouts::Before {
                units::stop(self.system, &self.running(journal)?)?;
                self.is_unused(&self.place(item)?, &item.place)?;
            }
        }
        self.exchange(journal, Whereabouts::Before)?;
        self.settle(journal)
    }

    /// Starts what was stopped, on what is restored.
    fn start(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        if !journal.units.is_empty() {
            let shown: Vec<String> = journal.units.iter().map(Unit::shown).collect();
            (self.told)(&format!("starting {}", shown.join(", ")));
        }
        let mut failed = units::start(self.system, &journal.units)?;
        if failed.is_empty() {
            failed = health::wait(
                self.system,
                self.plan,
                &journal.units,
                self.request.wait_seconds,
            )?;
        }
        if failed.is_empty() {
            journal.before = None;
            return Ok(self.enter(journal, Stage::Done)?);
        }
        let why = Stop::Refused(format!(
            "what was stopped does not come up on what was restored: {}",
            failed.join("; ")
        ));
        if self.exchanged_now {
            return self.go_back(journal, why);
        }
        Err(why.and(&format!(
            "the exchange was made by an earlier run, and what was restored may have been written to since, so it is not undone by itself; \
             when the units run, `--continue` ends the restore; then `podman-btrfs undo PLAN {}` takes it back",
            journal.copy
        )))
    }

    /// What was in use is in use again.
    fn go_back(&mut self, journal: &mut Journal, why: Stop) -> Result<(), Stop> {
        (self.told)("going back to what was in use before");
        self.enter(journal, Stage::Returning)?;
        let back = units::stop(self.system, &journal.units)
            .map_err(Stop::from)
            .and_then(|()| self.exchange(journal, Whereabouts::After));
        match back {
            Ok(()) => Err(self.undisturbed(journal, why)),
            Err(Stop::Refused(because)) => Err(why.and(&format!(
                "and the way back failed: {because}; run the same command again"
            ))),
            Err(Stop::Fault(fault)) => Err(why.and(&format!(
                "and the way back failed: {fault}; run the same command again"
            ))),
        }
    }

    /// A run was ended on its way back. What was restored may have been used since, so it is kept.
    fn was_returning(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let mut all = Vec::new();
        for item in &journal.items {
            all.push(self.whereabouts(item)?);
        }
        if all.iter().all(|one| *one == Whereabouts::After) {
            return Ok(self.enter(journal, Stage::Starting)?);
        }
        units::stop(self.system, &journal.units)?;
        self.exchange(journal, Whereabouts::After)?;
        let failed = units::start(self.system, &journal.units)?;
        journal.turn();
        journal.before = None;
        self.enter(journal, Stage::Done)?;
        let down = if failed.is_empty() {
            String::new()
        } else {
            format!("; what was stopped does not come up: {}", failed.join("; "))
        };
        Err(Stop::Refused(format!(
            "what was stopped did not come up on what was restored, and the run before this one went back; all is as it was before the \
             restore, and what was restored is kept until {}: `podman-btrfs undo PLAN {}` puts it in place{down}",
            crate::migrate::day(journal.until()),
            journal.copy
        )))
    }

    /// Starts again what was stopped for a restore that is not made, and forgets it.
    fn undisturbed(&mut self, journal: &mut Journal, why: Stop) -> Stop {
        let text = match units::start(self.system, &journal.units) {
            Ok(failed) if failed.is_empty() && journal.units.is_empty() => {
                "nothing in use was changed".to_owned()
            }
            Ok(failed) if failed.is_empty() => {
                "all is as it was, and what was stopped runs again".to_owned()
            }
            Ok(failed) => format!(
                "all is as it was, and what was stopped does not come up: {}",
                failed.join("; ")
            ),
            Err(fault) => {
                format!("all is as it was, and what was stopped could not be started: {fault}")
            }
        };
        let why = why.and(&text);
        match self.forget_begun(journal) {
            Ok(()) => why,
            Err(fault) => why.and(&format!(
                "what was made for it is still there ({fault}): `--abandon` deletes it"
            )),
        }
    }

    /// Deletes what was made for a restore that is not made; of an undo nothing was.
    pub(super) fn forget_begun(&mut self, journal: &mut Journal) -> Result<(), Fault> {
        journal.units.clear();
        if journal.is_undo() {
            journal.turn();
            journal.exchanged = journal.before.take();
            return self.enter(journal, Stage::Done);
        }
        // From here on only what was made is deleted.
        self.enter(journal, Stage::Preparing)?;
        for item in &journal.items {
            self.discard(item)?;
        }
        let file = Journal::path(&self.request.journals, &journal.id);
        self.system.remove_file(&file)
    }

    /// Gives up what is not made.
    pub(super) fn abandon(&mut self, mut journal: Journal) -> Result<Report, Stop> {
        let is_made = match journal.stage {
            Stage::Preparing | Stage::Stopping | Stage::Done => false,
            Stage::Exchanging | Stage::Starting | Stage::Returning => {
                self.any_exchanged(&journal)?
            }
        };
        if is_made {
            return Err(Stop::Refused(format!(
                "the exchange was made; `--continue` ends the restore, then `podman-btrfs undo PLAN {}` takes it back",
                journal.copy
            )));
        }
        let failed = units::start(self.system, &journal.units)?;
        self.forget_begun(&mut journal)?;
        if !failed.is_empty() {
            return Err(Stop::Refused(format!(
                "it was given up, and what was stopped does not come up: {}",
                failed.join("; ")
            )));
        }
        Ok(self.report(Outcome::Abandoned, None))
    }
}
