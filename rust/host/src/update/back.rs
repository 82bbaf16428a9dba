//! The way back: old data and the old image together, or nothing; and giving up what changed nothing yet.

use super::journal::{Change, Journal, Stage};
use super::look::running;
use super::stages::Updater;
use super::store::Store;
use super::{Outcome, Report, copies, short};
use crate::restore::journal::Journal as Restore;
use crate::restore::{self, Asked, health, restore};
use crate::stop::Stop;
use crate::system::Fault;
use crate::units;

impl Updater<'_> {
    /// Takes the last update back, when a person says so.
    pub(super) fn take_back(&mut self, mut journal: Journal) -> Result<Report, Stop> {
        if journal.stage == Stage::WentBack {
            return Err(Stop::Refused(
                "the last update was taken back already".into(),
            ));
        }
        self.is_still_there(&journal)?;
        for copy in self.copies_of(&journal)? {
            if let Some(id) = journal.snapshots.get(&copy.instance.name) {
                let request =
                    self.restoring(&journal, &copy.instance.name, id, restore::What::Estimate);
                restore(self.plan, &request, self.system, &mut |_| ())?;
            }
        }
        journal.why = Some("it was asked for".into());
        self.enter(&mut journal, Stage::Returning)?;
        self.work(journal)
    }

    /// Whether what would be taken back is what the update brought.
    fn is_still_there(&self, journal: &Journal) -> Result<(), Stop> {
        let mut wrong = Vec::new();
        for change in &journal.changes {
            let all = self.containers(change.user.as_ref())?;
            for copy in copies(self.plan) {
                if copy.workload.user != change.user {
                    continue;
                }
                let names = copy.instance.containers.keys();
                for (known, seen) in names.filter_map(|name| running(&all, name)) {
                    let is_ours = change.containers.contains(known);
                    let is_new = Some(&seen.image) == change.new.as_ref();
                    if seen.reference == change.reference.as_str() && is_ours != is_new {
                        wrong.push(format!(
                            "{known} runs the image {} by {}, as which it was not updated then",
                            short(&seen.image),
                            change.reference
                        ));
                    }
                }
            }
            self.has_old(change)?;
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Stop::Refused(wrong.join("; ")))
    }

    fn has_old(&self, change: &Change) -> Result<(), Stop> {
        let store = Store::of(self.system, change.user.as_ref())?;
        if store.image(&change.old)?.is_some() {
            return Ok(());
        }
        Err(Stop::Refused(format!(
            "the image {} that {} meant before is not here any more (`podman image prune --all` takes such): neither it nor the data is put \
             back; bring it here again, and say `podman-btrfs update PLAN --resume`",
            change.old, change.reference
        )))
    }

    /// Data, then images. Nothing starts in between: the gate sees to that.
    pub(super) fn go_back(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        (self.told)(&format!(
            "going back to the old image and the old data: {}",
            journal.why.as_deref().unwrap_or_default()
        ));
        self.back(journal).map_err(|stop| {
            let why = journal.why.clone().unwrap_or_default();
            stop.and(&format!(
                "this was on the way back ({why}), which is not ended: `podman-btrfs update PLAN --resume` goes on with it"
            ))
        })
    }

    fn back(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        for change in &journal.changes {
            self.has_old(change)?;
        }
        self.stop(journal)?;
        for (copy, id) in journal.snapshots.clone() {
            let own = Restore::all(self.system, &self.request.restoring.journals)?;
            let is_begun = own.iter().any(|one| one.copy == copy && !one.has_ended());
            (self.told)(&format!("putting the data of {copy} back"));
            if is_begun {
                let request = self.restoring(journal, &copy, &id, restore::What::Continue);
                restore(self.plan, &request, self.system, &mut |_| ())?;
            }
            // Again also where a run before this one did: what was put back may have been used since.
            let request = self.restoring(journal, &copy, &id, restore::What::Restore);
            restore(self.plan, &request, self.system, &mut |_| ())?;
        }
        for change in &journal.changes {
            let store = Store::of(self.system, change.user.as_ref())?;
            if let Some(new) = &change.new {
                store.tag(new, &change.kept_as("failed")?)?;
            }
            store.tag(&change.old, &change.reference)?;
        }
        self.clear(journal)?;
        Ok(self.enter(journal, Stage::Restarting)?)
    }

    fn restoring(
        &self,
        journal: &Journal,
        copy: &str,
        id: &str,
        what: restore::What,
    ) -> restore::Request {
        restore::Request {
            copy: copy.to_owned(),
            asked: Asked {
                snapshot: Some(id.to_owned()),
                ..Asked::default()
            },
            what,
            update: Some(journal.id.clone()),
            ..self.request.restoring.clone()
        }
    }

    /// Starts on the old images and the old data.
    pub(super) fn restart(&mut self, journal: &mut Journal) -> Result<Report, Stop> {
        let mut down = units::start(self.system, &journal.units)?;
        if down.is_empty() {
            let seconds = self.request.restoring.wait_seconds;
            down = health::wait(self.system, self.plan, &journal.units, seconds)?;
        }
        self.enter(journal, Stage::WentBack)?;
        self.went_back(journal, &down)
    }

    /// What one that went back came to.
    pub(super) fn went_back(&mut self, journal: &Journal, down: &[String]) -> Result<Report, Stop> {
        self.forget_older(journal)?;
        let mut report = Report {
            because: journal.why.clone(),
            ..Report::of(journal.copies.clone(), Outcome::WentBack)
        };
        for change in &journal.changes {
            report.notes.push(format!(
                "{} means the image {} again; {}, which failed, is kept as {}",
                change.reference,
                short(&change.old),
                short(change.new.as_deref().unwrap_or_default()),
                change.kept_as("failed")?
            ));
        }
        for copy in &journal.copies {
            report.notes.push(if journal.snapshots.contains_key(copy) {
                format!("the data of {copy} is as it was before the update")
            } else {
                format!("{copy} has nothing in snapshots: only its image went back")
            });
        }
        report.notes.extend(self.kept(journal)?);
        if !down.is_empty() {
            report.notes.push(format!(
                "what was stopped does not come up: {}",
                down.join("; ")
            ));
        }
        Ok(report)
    }

    /// Where what the new image left is kept.
    fn kept(&self, journal: &Journal) -> Result<Vec<String>, Fault> {
        let restores = Restore::all(self.system, &self.request.restoring.journals)?;
        let own = restores
            .iter()
            .filter(|one| one.update.as_ref() == Some(&journal.id));
        let items = own.flat_map(|one| one.items.iter().map(move |item| (item, one.until())));
        let kept = items.filter(|(item, _)| item.old.is_some());
        Ok(kept
            .map(|(item, until)| {
                format!(
                    "what the new image left in {} is kept in {} until {}",
                    item.place,
                    item.beside,
                    crate::migrate::day(until)
                )
            })
            .collect())
    }

    /// What a run before this one began, and changed nothing by.
    pub(super) fn not_begun(&mut self, mut journal: Journal) -> Result<Report, Stop> {
        let copies = journal.copies.clone();
        let changed = self.changed_meanwhile(&journal)?;
        if changed.is_empty() {
            self.put_right(&mut journal)?;
            let mut report = Report::of(copies, Outcome::GivenUp);
            report
                .notes
                .push("it was ended before an image was changed; all is as it was".into());
            return Ok(report);
        }
        self.clear(&journal)?;
        self.forget(&journal)?;
        Err(Stop::Refused(format!(
            "a run was ended in the middle of fetching, and since then {}: of the time right before there is no snapshot of ours, and its \
             reference stays as it is; `podman-btrfs restore PLAN {} --list` lists what there is",
            changed.join(", "),
            copies.first().map_or("", |copy| copy)
        )))
    }

    /// Containers that somebody started on another image since.
    fn changed_meanwhile(&self, journal: &Journal) -> Result<Vec<String>, Stop> {
        let mut found = Vec::new();
        for change in &journal.changes {
            let all = self.containers(change.user.as_ref())?;
            for name in &change.containers {
                let Some(seen) = all.get(name) else { continue };
                if seen.state != crate::group::podman::State::Resting && seen.image != change.old {
                    found.push(format!(
                        "{name} was started on the image {}",
                        short(&seen.image)
                    ));
                }
            }
        }
        Ok(found)
    }

    /// References mean what they meant, what was stopped runs, and nothing speaks of it any more.
    fn put_right(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        // What was stopped runs on the old image again, also where the reference had come to mean the new one before.
        self.have_mean(journal, |change| Some(&change.old))?;
        if journal.stage == Stage::Switching {
            self.enter(journal, Stage::Stopping)?;
        }
        let failed = units::start(self.system, &journal.units)?;
        self.have_mean(journal, |change| change.was.as_ref())?;
        self.clear(journal)?;
        self.forget(journal)?;
        if failed.is_empty() {
            return Ok(());
        }
        Err(Stop::Refused(format!(
            "all is as it was, and what was stopped does not come up: {}",
            failed.join("; ")
        )))
    }

    fn have_mean(
        &self,
        journal: &Journal,
        what: impl Fn(&Change) -> Option<&String>,
    ) -> Result<(), Fault> {
        for change in &journal.changes {
            let store = Store::of(self.system, change.user.as_ref())?;
            if let Some(image) = what(change)
                && store.image(change.reference.as_str())?.as_ref() != Some(image)
            {
                store.tag(image, &change.reference)?;
            }
        }
        Ok(())
    }

    /// Gives up what this run began and changed nothing by.
    pub(super) fn give_up(&mut self, journal: &mut Journal, why: Stop) -> Stop {
        let was_stopped = !journal.units.is_empty();
        match self.put_right(journal) {
            Ok(()) if was_stopped => why.and("all is as it was, and what was stopped runs again"),
            Ok(()) => why.and("nothing was changed"),
            Err(Stop::Refused(more)) => why.and(&more),
            Err(Stop::Fault(fault)) => why.and(&format!(
                "and it could not be given up ({fault}): `podman-btrfs update PLAN --resume` does"
            )),
        }
    }
}
