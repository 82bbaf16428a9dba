//! One run: which part of the work it is, and what all parts look up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, Instance, MountRole, Plan, VolumePlan};
use podman_btrfs_core::units::{FilesystemName, SubvolumePath, VolumeName};

use super::account::Account;
use super::catalogue::{Holder, Point};
use super::journal::{Asked, Item, Journal, Stage};
use super::{Outcome, Report, Request, What};
use crate::ledger::Ledger;
use crate::stop::Stop;
use crate::system::{Fault, System};

/// One run.
pub(crate) struct Restorer<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) system: &'a dyn System,
    pub(super) request: &'a Request,
    /// Where the top levels of filesystems are mounted.
    pub(super) tops: BTreeMap<FilesystemName, PathBuf>,
    pub(super) ledger: Ledger,
    pub(crate) instance: &'a Instance,
    pub(crate) holders: Vec<Holder>,
    /// Of all workloads.
    pub(super) journals: Vec<Journal>,
    /// Whether this run made the exchange, so that nothing can have used the new place before it was asked to.
    pub(super) exchanged_now: bool,
    pub(super) told: &'a mut dyn FnMut(&str),
}

/// The subvolumes that hold a copy's data.
pub(super) fn holders(plan: &Plan, instance: &Instance) -> Vec<Holder> {
    let mut found: BTreeMap<(&FilesystemName, &SubvolumePath), BTreeSet<VolumeName>> =
        BTreeMap::new();
    for (name, volume) in &instance.volumes {
        let of_it = found.entry((&volume.filesystem, &volume.subvolume));
        of_it.or_default().insert(name.clone());
    }
    let jobs = || plan.protection.jobs.iter().flat_map(|job| &job.subvolumes);
    let series = |path: &SubvolumePath| {
        let of_job = jobs().find(|one| one.path == *path);
        let last = || path.as_str().rsplit('/').next().unwrap_or_default();
        of_job.map_or_else(|| last().to_owned(), |one| one.name.clone())
    };
    let holder = |((filesystem, path), volumes): ((&FilesystemName, &SubvolumePath), _)| Holder {
        series: series(path),
        path: path.clone(),
        filesystem: filesystem.clone(),
        volumes,
        in_group: instance.group.contains(path),
    };
    found.into_iter().map(holder).collect()
}

impl Restorer<'_> {
    pub(super) fn run(&mut self) -> Result<Report, Stop> {
        self.check_filesystems()?;
        let begun = self.begun();
        match (&self.request.what, begun) {
            (What::List, _) => self.list(),
            (What::Files { paths, to }, _) => {
                let (paths, to) = (paths.clone(), to.clone());
                self.files(&paths, to.as_deref())
            }
            (What::Continue, Some(journal)) => self.go_on(journal),
            (What::Abandon, Some(journal)) => self.abandon(journal),
            (What::Continue | What::Abandon, None) => Err(Stop::Refused(format!(
                "no restore of {} is begun",
                self.request.copy
            ))),
            (What::Restore | What::Recover { .. }, Some(journal))
                if journal.asked == self.request.asked =>
            {
                self.go_on(journal)
            }
            (What::Prospect { .. }, Some(journal)) if journal.asked == self.request.asked => {
                self.prospect(Some(&journal))
            }
            (_, Some(journal)) => Err(Stop::Refused(is_begun(&journal))),
            (What::Undo | What::EstimateUndo, None) => self.undo(),
            (What::ForgetUndo, None) => self.forget(),
            (What::As(name), None) => {
                let name = name.clone();
                self.beside(&name)
            }
            (What::Estimate | What::Restore, None) => self.begin(),
            (What::Prospect { .. }, None) => self.prospect(None),
            (What::Recover { .. }, None) => self.recover(),
        }
    }

    /// What was begun of this copy and not ended.
    fn begun(&self) -> Option<Journal> {
        let own = self.journals.iter();
        let mut own = own.filter(|one| one.copy == self.instance.name && !one.has_ended());
        own.next_back().cloned()
    }

    fn list(&mut self) -> Result<Report, Stop> {
        let points = match &self.request.asked.from {
            None => self.points()?,
            Some(target) => self.points_at(target)?.1,
        };
        Ok(Report {
            points,
            ..self.report(Outcome::Listed, None)
        })
    }

    fn begin(&mut self) -> Result<Report, Stop> {
        let is_looking = self.request.what == What::Estimate;
        if let (true, Some(target)) = (is_looking, &self.request.asked.from) {
            let point = self.choose(self.points_at(target)?.1)?;
            return self.estimate_from(target, &point);
        }
        let point = self.point()?;
        self.restore_point(&point)
    }

    /// Puts a point that is on this host in place, or says what that would do.
    pub(super) fn restore_point(&mut self, point: &Point) -> Result<Report, Stop> {
        let mut journal = self.new_journal(point)?;
        let account = self.account(&journal, point)?;
        (self.told)(&account.shown());
        if self.request.what == What::Estimate {
            return Ok(self.report(Outcome::Estimated, Some(account)));
        }
        self.keep(&journal)?;
        let notes = self.work(&mut journal)?;
        Ok(Report {
            notes,
            ..self.report(Outcome::Restored, Some(account))
        })
    }

    fn go_on(&mut self, mut journal: Journal) -> Result<Report, Stop> {
        (self.told)(&format!(
            "going on with the restore of {} that was begun",
            journal.point
        ));
        let outcome = if journal.is_undone {
            Outcome::Undone
        } else {
            Outcome::Restored
        };
        let notes = self.work(&mut journal)?;
        Ok(Report {
            notes,
            ..self.report(outcome, None)
        })
    }

    fn new_journal(&mut self, point: &Point) -> Result<Journal, Stop> {
        let id = crate::marker::Marker::born("restore/it", self.system)?.id;
        let items = self.items(point, &id)?;
        Ok(Journal {
            journal_version: super::journal::JOURNAL_VERSION,
            id,
            copy: self.instance.name.clone(),
            asked: Asked::clone(&self.request.asked),
            point: point.id.clone(),
            taken: point.taken,
            started: self.system.now(),
            exchanged: None,
            keep_days: self.request.keep_days,
            is_undone: false,
            before: None,
            stage: Stage::Preparing,
            units: Vec::new(),
            items,
            update: self.request.update.clone(),
        })
    }

    pub(super) fn report(&self, outcome: Outcome, account: Option<Account>) -> Report {
        Report {
            copy: self.instance.name.clone(),
            outcome,
            points: Vec::new(),
            account,
            prospect: None,
            notes: Vec::new(),
        }
    }

    pub(super) fn keep(&self, journal: &Journal) -> Result<(), Fault> {
        journal.keep(self.system, &self.request.journals)
    }

    pub(crate) fn top(&self, filesystem: &FilesystemName) -> Result<&Path, Fault> {
        let top = self.tops.get(filesystem).map(PathBuf::as_path);
        top.ok_or_else(|| {
            Fault::Unexpected(format!(
                "the plan does not have the filesystem {filesystem}: plan with it, so that it is known where it is"
            ))
        })
    }

    pub(super) fn place(&self, item: &Item) -> Result<PathBuf, Fault> {
        Ok(self.top(&item.filesystem)?.join(&item.place))
    }

    pub(super) fn aside(&self, item: &Item) -> Result<PathBuf, Fault> {
        Ok(self.top(&item.filesystem)?.join(&item.beside))
    }

    pub(crate) fn filesystem(&self, name: &FilesystemName) -> Result<&FilesystemPlan, Fault> {
        let found = self.plan.filesystems.get(name);
        found.ok_or_else(|| Fault::Unexpected(format!("the plan has no filesystem {name}")))
    }

    /// Where snapshots are, below the top level.
    pub(crate) fn snapshots(&self, name: &FilesystemName) -> Result<&SubvolumePath, Fault> {
        let filesystem = self.filesystem(name)?;
        let found = filesystem.subvolume_of(MountRole::Snapshots);
        found
            .or_else(|| filesystem.subvolume_of(MountRole::Volumes))
            .ok_or_else(|| {
                Fault::Unexpected(format!("the plan has no place for snapshots on {name}"))
            })
    }

    pub(super) fn volume(&self, key: &str) -> Option<(&VolumeName, &VolumePlan)> {
        let (_, name) = key.rsplit_once('/')?;
        let mut all = self.instance.volumes.iter();
        all.find(|(of, _)| of.as_str() == name)
    }

    /// Another disk in the place of one that held volumes holds nothing of what the ledger knows of.
    pub(crate) fn check_filesystems(&mut self) -> Result<(), Stop> {
        self.ledger.check_filesystems(self.system, &self.tops)
    }
}

fn is_begun(journal: &Journal) -> String {
    format!(
        "a restore of {} to {} was begun and not ended: `podman-btrfs restore PLAN {} --continue` ends it, and `--abandon` gives it up",
        journal.copy, journal.point, journal.copy
    )
}
