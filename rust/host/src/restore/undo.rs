//! Takes the last restore back, or the last undo; and the end of undo points.

use super::exchange::Whereabouts;
use super::journal::{Journal, Stage};
use super::restorer::Restorer;
use super::{Outcome, Report, What};
use crate::stop::Stop;
use crate::system::{Fault, NodeKind};

const DAY: u64 = 24 * 60 * 60;

impl Journal {
    /// Whether what is being done is an undo: what it puts in place was there before, and nothing is made for it.
    pub(super) fn is_undo(&self) -> bool {
        self.before.is_some()
    }

    /// What is in use and what lies beside it change their parts.
    pub(super) fn turn(&mut self) {
        self.is_undone = !self.is_undone;
        for item in &mut self.items {
            std::mem::swap(&mut item.old, &mut item.new);
        }
    }
}

impl Restorer<'_> {
    fn last(&self) -> Result<Journal, Stop> {
        let own = self.journals.iter();
        let mut own = own.filter(|one| one.copy == self.instance.name && one.has_ended());
        let last = own.next_back().ok_or_else(|| {
            Stop::Refused(format!(
                "no restore of {} is kept that could be undone",
                self.instance.name
            ))
        })?;
        // Of several within one second that one was the last whose data has the places.
        let same = own.rev().filter(|one| one.exchanged == last.exchanged);
        let mut all = std::iter::once(last).chain(same);
        Ok(all
            .find(|one| self.has_its_places(one))
            .unwrap_or(last)
            .clone())
    }

    fn has_its_places(&self, journal: &Journal) -> bool {
        let mut items = journal.items.iter();
        items.all(|item| {
            self.whereabouts(item)
                .is_ok_and(|whereabouts| whereabouts == Whereabouts::After)
        })
    }

    pub(super) fn undo(&mut self) -> Result<Report, Stop> {
        let mut journal = self.last()?;
        if journal.update.is_some() {
            return Err(Stop::Refused(format!(
                "what lay there before was written by an image whose update failed and was taken back: it is kept to be looked at, and not put \
                 under the image that runs; `podman-btrfs restore PLAN {0} --list` names it, and `--snapshot NAME --as OTHER` shows it beside {0}",
                journal.copy
            )));
        }
        if let Some(item) = journal.items.iter().find(|item| item.old.is_none()) {
            return Err(Stop::Refused(format!(
                "before the restore nothing lay in {}, so there is nothing to go back to",
                item.place
            )));
        }
        journal.turn();
        for item in &journal.items {
            self.whereabouts(item)?;
        }
        let account = self.account_of_undo(&journal)?;
        (self.told)(&account.shown());
        if self.request.what == What::EstimateUndo {
            return Ok(self.report(Outcome::Estimated, Some(account)));
        }
        journal.before = journal.exchanged;
        journal.keep_days = self.request.keep_days;
        journal.stage = Stage::Stopping;
        journal.units.clear();
        self.keep(&journal)?;
        let notes = self.work(&mut journal)?;
        let outcome = Outcome::Undone;
        Ok(Report {
            notes,
            ..self.report(outcome, Some(account))
        })
    }

    /// Deletes what restores replaced and whose days are over: each only if it is the very thing that was replaced.
    pub(super) fn forget(&mut self) -> Result<Report, Stop> {
        let own: Vec<Journal> = self
            .journals
            .iter()
            .filter(|one| one.copy == self.instance.name)
            .cloned()
            .collect();
        let now = self.system.now();
        let Some(first) = own.iter().map(Journal::until).min() else {
            return Err(Stop::Refused(format!(
                "no undo point of {} is kept",
                self.instance.name
            )));
        };
        if first > now {
            return Err(Stop::Refused(format!(
                "its undo point is kept for {} more days",
                (first - now).div_ceil(DAY)
            )));
        }
        for journal in own.iter().filter(|journal| journal.until() <= now) {
            for item in &journal.items {
                self.forget_item(item)?;
            }
            let file = Journal::path(&self.request.journals, &journal.id);
            self.system.remove_file(&file)?;
        }
        Ok(self.report(Outcome::Forgotten, None))
    }

    fn forget_item(&mut self, item: &super::journal::Item) -> Result<(), Stop> {
        let path = self.aside(item)?;
        match self.system.identity(&path)? {
            None => return Ok(()),
            Some(found) if Some(&found) != item.old.as_ref() => {
                return Err(Stop::Refused(format!(
                    "what lies in {} is not what was kept there, and stays; move it away, and this is forgotten",
                    item.beside
                )));
            }
            Some(_) => {}
        }
        let users = self.system.users(&path)?;
        if let Some(because) = users.refusal(&item.beside, &self.request.not_used_by) {
            return Err(Stop::Refused(because));
        }
        (self.told)(&format!("deleting {}", item.beside));
        match self.system.look(&path)?.map(|node| node.kind) {
            Some(NodeKind::Subvolume) => self.system.delete_subvolume(&path)?,
            Some(NodeKind::Directory) => self.system.delete_directory(&path)?,
            None | Some(NodeKind::File | NodeKind::Other) => {
                return Err(Fault::Unexpected(format!("{} is no directory", item.beside)).into());
            }
        }
        Ok(())
    }
}
