//! How an update begins: what is looked at, fetched and told before anything stops.

use std::collections::BTreeMap;

use super::journal::{Change, JOURNAL_VERSION, Journal, Stage};
use super::look::Looked;
use super::stages::Updater;
use super::store::Store;
use super::{Account, Copy, Outcome, Report, copies, short};
use crate::marker::Marker;
use crate::stop::Stop;

impl<'a> Updater<'a> {
    /// Every copy with a labelled container; what is refused or fails for one does not stop the others.
    pub(super) fn all(&mut self, reports: &mut Vec<Report>) -> Result<(), Stop> {
        let mut failed = None;
        for copy in copies(self.plan) {
            let name = copy.instance.name.clone();
            // Together with another one.
            if reports.iter().any(|one| one.copies.contains(&name)) {
                continue;
            }
            let report = match self.begin(copy) {
                Ok(report) => report,
                Err(stop) => {
                    let because = match stop {
                        Stop::Refused(because) => because,
                        Stop::Fault(fault) => {
                            let because = fault.to_string();
                            failed = Some(fault);
                            because
                        }
                    };
                    Report {
                        because: Some(because),
                        ..Report::of(vec![name], Outcome::GivenUp)
                    }
                }
            };
            reports.push(report);
        }
        match failed {
            Some(fault) => {
                for report in reports.iter() {
                    let because = report.because.as_deref().unwrap_or_default();
                    (self.told)(&format!("{}: {because}", report.copies.join(", ")));
                }
                Err(fault.into())
            }
            None => Ok(()),
        }
    }

    /// What would be done.
    pub(super) fn estimate(&mut self, copy: Copy<'a>) -> Result<Report, Stop> {
        let Looked { mut changes, notes } = self.look(copy)?;
        for change in &mut changes {
            let store = Store::of(self.system, change.user.as_ref())?;
            change.new = store.image(change.from().as_str())?;
        }
        changes.retain(|change| change.pull || change.new.as_ref() != Some(&change.old));
        let mut report = Report::of(vec![copy.instance.name.clone()], Outcome::Estimated);
        report.notes = notes;
        if changes.is_empty() {
            report.outcome = Outcome::NothingToDo;
            return Ok(report);
        }
        let sharers = self.sharers(self.plan, &mut changes)?;
        self.can_go_back(&sharers)?;
        let account = self.account(&changes, &sharers)?;
        (self.told)(&account.shown());
        report.copies = names(&sharers);
        report.account = Some(account);
        Ok(report)
    }

    /// One update.
    pub(super) fn begin(&mut self, copy: Copy<'a>) -> Result<Report, Stop> {
        let Looked { changes, mut notes } = self.look(copy)?;
        let nothing = |notes| Report {
            notes,
            ..Report::of(vec![copy.instance.name.clone()], Outcome::NothingToDo)
        };
        if changes.is_empty() {
            return Ok(nothing(notes));
        }
        let mut journal = Journal {
            journal_version: JOURNAL_VERSION,
            id: Marker::born("update/it", self.system)?.id,
            copies: vec![copy.instance.name.clone()],
            changes,
            images: BTreeMap::new(),
            started: self.system.now(),
            window_seconds: self.request.window_seconds,
            stage: Stage::Fetching,
            units: Vec::new(),
            snapshots: BTreeMap::new(),
            begun: None,
            why: None,
        };
        self.keep(&journal)?;
        let account = match self.prepare(&mut journal, &mut notes) {
            Ok(Some(account)) => account,
            Ok(None) => {
                self.forget(&journal)?;
                return Ok(nothing(notes));
            }
            Err(stop) => return Err(self.give_up(&mut journal, stop)),
        };
        let mut report = self.work(journal)?;
        report.account = Some(account);
        report.notes.extend(notes);
        Ok(report)
    }

    /// Fetches, and looks who gets what is new. `None`: nothing is.
    fn prepare(
        &mut self,
        journal: &mut Journal,
        notes: &mut Vec<String>,
    ) -> Result<Option<Account>, Stop> {
        for index in 0..journal.changes.len() {
            self.fetch(journal, index, notes)?;
        }
        journal.changes.retain(|change| change.new.is_some());
        if journal.changes.is_empty() {
            return Ok(None);
        }
        let sharers = self.sharers(self.plan, &mut journal.changes)?;
        self.can_go_back(&sharers)?;
        journal.copies = names(&sharers);
        let account = self.account(&journal.changes, &sharers)?;
        (self.told)(&account.shown());
        self.enter(journal, Stage::Stopping)?;
        Ok(Some(account))
    }

    /// Brings the new image of one change here, and has the reference mean the old one until all have stopped.
    fn fetch(
        &mut self,
        journal: &mut Journal,
        index: usize,
        notes: &mut Vec<String>,
    ) -> Result<(), Stop> {
        let Some(change) = journal.changes.get_mut(index) else {
            return Ok(());
        };
        let store = Store::of(self.system, change.user.as_ref())?;
        let from = change.from().clone();
        if change.pull {
            (self.told)(&format!("pulling {from}"));
            store.pull(&from)?;
        }
        let Some(new) = store.image(from.as_str())? else {
            return Err(Stop::Refused(format!("there is no image {from} here")));
        };
        if new == change.old {
            return Ok(());
        }
        if self.is_auto && failed_before(&self.former, change, &new) {
            notes.push(format!(
                "{} means the image {} now, which was taken back before: it is not tried again by itself",
                change.reference,
                short(&new)
            ));
            return Ok(store.tag(&change.old, &change.reference)?);
        }
        store.tag(&new, &change.kept_as("next")?)?;
        if store.image(change.reference.as_str())?.as_ref() != Some(&change.old) {
            store.tag(&change.old, &change.reference)?;
        }
        change.new = Some(new);
        Ok(self.keep(journal)?)
    }
}

fn failed_before(former: &[Journal], change: &Change, new: &str) -> bool {
    let back = former.iter().filter(|one| one.stage == Stage::WentBack);
    let mut changes = back.flat_map(|one| &one.changes);
    changes.any(|one| {
        one.user == change.user
            && one.reference == change.reference
            && one.new.as_deref() == Some(new)
    })
}

fn names(copies: &[Copy<'_>]) -> Vec<String> {
    copies
        .iter()
        .map(|copy| copy.instance.name.clone())
        .collect()
}
