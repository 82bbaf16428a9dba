//! The way forward, each part begun by the journal saying so.

use std::time::Duration;

use podman_btrfs_core::plan::Plan;

use super::journal::{Journal, Stage};
use super::look::running;
use super::store::Store;
use super::{Copy, Outcome, Report, Request, find, short, window, wrong};
use crate::group::record::Reason;
use crate::group::take::{self, take};
use crate::group::target::Group;
use crate::stop::Stop;
use crate::system::{Fault, System};
use crate::units::{self, Unit};

/// What a snapshot says for why it was taken.
const REASON: &str = "image-update";

/// For how long after its window a run that was ended is taken for being in it: what was acknowledged to clients in the meantime is
/// not in use after a way back, so later a person decides.
const GRACE: Duration = Duration::from_secs(10 * 60);

/// One run.
pub(super) struct Updater<'a> {
    pub(super) plan: &'a Plan,
    pub(super) system: &'a dyn System,
    pub(super) request: &'a Request,
    pub(super) told: &'a mut dyn FnMut(&str),
    /// Whether this run started the new image.
    pub(super) started_now: bool,
    /// Whether nobody asked for just this: images that failed before are not tried again.
    pub(super) is_auto: bool,
    /// The updates that ended before this run.
    pub(super) former: Vec<Journal>,
}

impl<'a> Updater<'a> {
    /// Goes on from where the journal stands, to the end.
    pub(super) fn work(&mut self, mut journal: Journal) -> Result<Report, Stop> {
        loop {
            match journal.stage {
                Stage::Fetching | Stage::Stopping => {
                    if let Err(stop) = self.stop_and_snapshot(&mut journal) {
                        return Err(self.give_up(&mut journal, stop));
                    }
                }
                Stage::Switching => {
                    if let Err(stop) = self.switch(&mut journal) {
                        return Err(self.give_up(&mut journal, stop));
                    }
                }
                Stage::Starting => self.start(&mut journal)?,
                Stage::Returning => self.go_back(&mut journal)?,
                Stage::Restarting => return self.restart(&mut journal),
                Stage::Updated => return self.ended(&journal),
                Stage::WentBack => return self.went_back(&journal, &[]),
            }
        }
    }

    /// A run before this one was ended in the middle.
    pub(super) fn resume(&mut self, mut journal: Journal) -> Result<Report, Stop> {
        (self.told)(&format!(
            "going on with the update of {} that was begun",
            journal.copies.join(", ")
        ));
        if journal.stage == Stage::Switching && self.any_switched(&journal)? {
            // Something may have run on the new image since.
            self.stop(&mut journal)?;
            self.switch(&mut journal)?;
        }
        if matches!(
            journal.stage,
            Stage::Fetching | Stage::Stopping | Stage::Switching
        ) {
            return self.not_begun(journal);
        }
        self.work(journal)
    }

    /// All that uses it stops, and then the group is snapshotted.
    fn stop_and_snapshot(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let concerned = self.copies_of(journal)?;
        for copy in &concerned {
            let all = self.containers(copy.workload.user.as_ref())?;
            let names = copy.instance.containers.keys();
            let images =
                names.filter_map(|name| Some((name.clone(), running(&all, name)?.1.image.clone())));
            journal
                .images
                .insert(copy.instance.name.clone(), images.collect());
        }
        self.stop(journal)?;
        for copy in concerned {
            let Some(group) = Group::of(self.plan, copy.name, &copy.instance.name) else {
                continue;
            };
            (self.told)(&format!("taking a snapshot of {}", copy.instance.name));
            let id = self.snapshot(&group, journal)?;
            journal.snapshots.insert(copy.instance.name.clone(), id);
        }
        Ok(self.enter(journal, Stage::Switching)?)
    }

    fn snapshot(&self, group: &Group, journal: &Journal) -> Result<String, Stop> {
        let request = take::Request {
            work_directory: self.request.restoring.work_directory.clone(),
            apply_lock: None,
            program: self.request.program.clone(),
            reason: Reason::parse(REASON).map_err(Fault::Unexpected)?,
            only_changed: false,
            dry_run: false,
            images: journal.images.get(&group.copy).cloned().unwrap_or_default(),
        };
        let report = take(self.plan, group, &request, self.system)?;
        let because = report.because.unwrap_or_default();
        match (report.outcome, report.record) {
            (take::Outcome::Taken | take::Outcome::TakenWithLess, Some(record)) => Ok(record.id),
            _ => Err(Stop::Refused(format!(
                "no snapshot of {} was taken: {because}",
                group.copy
            ))),
        }
    }

    /// Stops what runs, and remembers what did.
    pub(super) fn stop(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let mut all = self.running_units(&self.copies_of(journal)?)?;
        let is_known = |unit: &Unit| {
            let mut units = journal.units.iter();
            units.any(|known| known.name == unit.name && known.user == unit.user)
        };
        all.retain(|unit| !is_known(unit));
        if !all.is_empty() {
            let shown: Vec<String> = all.iter().map(Unit::shown).collect();
            (self.told)(&format!("stopping {}", shown.join(", ")));
            journal.units.append(&mut all);
            self.keep(journal)?;
        }
        if journal.units.is_empty() {
            return Err(Stop::Refused(format!(
                "no unit runs the containers of {}, so none would start them on another image; name it with `--unit`",
                journal.copies.join(", ")
            )));
        }
        Ok(units::stop(self.system, &journal.units)?)
    }

    pub(super) fn running_units(&self, concerned: &[Copy<'_>]) -> Result<Vec<Unit>, Fault> {
        let instances: Vec<_> = concerned.iter().map(|copy| copy.instance).collect();
        let asked_for = &self.request.restoring.units;
        let candidates = units::candidates_of(self.plan, &instances, asked_for);
        units::running(self.system, &candidates, asked_for)
    }

    /// References come to mean the new images.
    fn switch(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        for change in &journal.changes {
            let new = change
                .new
                .as_ref()
                .ok_or_else(|| wrong(format!("{} has no new image", change.reference)))?;
            let store = Store::of(self.system, change.user.as_ref())?;
            store.tag(&change.old, &change.kept_as("before")?)?;
            store.tag(new, &change.reference)?;
        }
        journal.begun = Some(self.system.now());
        self.started_now = true;
        Ok(self.enter(journal, Stage::Starting)?)
    }

    fn any_switched(&self, journal: &Journal) -> Result<bool, Fault> {
        for change in &journal.changes {
            let store = Store::of(self.system, change.user.as_ref())?;
            if store.image(change.reference.as_str())? == change.new {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Starts on the new images, and watches.
    fn start(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let shown: Vec<String> = journal.units.iter().map(Unit::shown).collect();
        (self.told)(&format!(
            "starting {} on what is new, and watching for {} s",
            shown.join(", "),
            journal.window_seconds
        ));
        let failed = self.started(journal).map_err(|stop| {
            stop.and(
                "the new image was started; `podman-btrfs update PLAN --resume` goes on from here",
            )
        })?;
        if failed.is_empty() {
            self.clear(journal)?;
            return Ok(self.enter(journal, Stage::Updated)?);
        }
        let why = failed.join("; ");
        let since =
            Duration::from_secs(self.system.now().saturating_sub(journal.begun.unwrap_or(0)));
        if !self.started_now && since > Duration::from_secs(journal.window_seconds) + GRACE {
            return Err(Stop::Refused(format!(
                "{why}; an earlier run started the new image {} ago, and what was written since would not be in use after a way back, so it \
                 does not go back by itself: `podman-btrfs update PLAN {} --back` does",
                crate::restore::when::span(since.as_secs()),
                journal.copies.first().map_or("", |copy| copy)
            )));
        }
        journal.why = Some(why);
        Ok(self.enter(journal, Stage::Returning)?)
    }

    fn started(&mut self, journal: &Journal) -> Result<Vec<String>, Stop> {
        let failed = units::start(self.system, &journal.units)?;
        if !failed.is_empty() {
            return Ok(failed);
        }
        Ok(window::watch(
            self.system,
            self.plan,
            &journal.units,
            &journal.changes,
            journal.window_seconds,
        )?)
    }

    /// Names of ours that nobody needs any more.
    pub(super) fn clear(&self, journal: &Journal) -> Result<(), Fault> {
        for change in &journal.changes {
            let store = Store::of(self.system, change.user.as_ref())?;
            store.untag(&change.kept_as("next")?)?;
        }
        Ok(())
    }

    /// The ones before it for the same copies are of no use any more: what they would take back is not what runs.
    pub(super) fn forget_older(&self, journal: &Journal) -> Result<(), Fault> {
        for other in Journal::all(self.system, &self.request.journals)? {
            let is_same = other
                .copies
                .iter()
                .any(|copy| journal.copies.contains(copy));
            if other.id != journal.id
                && is_same
                && other.has_ended()
                && other.started <= journal.started
            {
                self.forget(&other)?;
            }
        }
        Ok(())
    }

    /// What one that did not go back came to.
    fn ended(&mut self, journal: &Journal) -> Result<Report, Stop> {
        self.forget_older(journal)?;
        let mut report = Report::of(journal.copies.clone(), Outcome::Updated);
        for change in &journal.changes {
            report.notes.push(format!(
                "{} means the image {} now; {}, which it meant before, is kept as {}",
                change.reference,
                short(change.new.as_deref().unwrap_or_default()),
                short(&change.old),
                change.kept_as("before")?
            ));
        }
        report.notes.push(format!(
            "`podman-btrfs update PLAN {} --back` takes image and data back to before it, as long as the snapshot is kept",
            journal.copies.first().map_or("", |copy| copy)
        ));
        Ok(report)
    }

    pub(super) fn copies_of(&self, journal: &Journal) -> Result<Vec<Copy<'a>>, Stop> {
        journal
            .copies
            .iter()
            .map(|copy| find(self.plan, copy))
            .collect()
    }

    pub(super) fn enter(&self, journal: &mut Journal, stage: Stage) -> Result<(), Fault> {
        journal.stage = stage;
        self.keep(journal)
    }

    pub(super) fn keep(&self, journal: &Journal) -> Result<(), Fault> {
        journal.keep(self.system, &self.request.journals)
    }

    pub(super) fn forget(&self, journal: &Journal) -> Result<(), Fault> {
        self.system
            .remove_file(&Journal::path(&self.request.journals, &journal.id))
    }
}

impl Report {
    pub(super) fn of(copies: Vec<String>, outcome: Outcome) -> Self {
        Self {
            copies,
            outcome,
            because: None,
            account: None,
            notes: Vec::new(),
        }
    }
}
