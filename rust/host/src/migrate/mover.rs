//! One run: which part of the work it is, and what all parts look up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, Plan};
use podman_btrfs_core::units::FilesystemName;

use super::engine::Work as _;
use super::journal::{self, Journal, Kept, Spot, Stage};
use super::{Estimate, Outcome, Report, Request, Stop, What, need};
use crate::ledger::{Ledger, PlannedVolume};
use crate::system::{Fault, System};

/// One run.
pub(super) struct Mover<'a> {
    pub(super) plan: &'a Plan,
    pub(super) system: &'a dyn System,
    pub(super) request: &'a Request,
    /// Where the top levels of filesystems are mounted.
    pub(super) tops: BTreeMap<FilesystemName, PathBuf>,
    pub(super) volume: PlannedVolume<'a>,
    /// The filesystem that the volume is planned on.
    pub(super) filesystem: &'a FilesystemPlan,
    pub(super) ledger: Ledger,
    /// The journal's file.
    pub(super) file: PathBuf,
    /// Whether this run made the exchange, so that nothing can have used the new place before it was asked to.
    pub(super) exchanged_now: bool,
    pub(super) told: &'a mut dyn FnMut(&str),
}

impl Mover<'_> {
    pub(super) fn run(&mut self, journal: Option<Journal>) -> Result<Report, Stop> {
        match (self.request.what, journal) {
            (What::ForgetSource, journal) => self.forget_sources(journal),
            (What::Abandon, journal) => self.abandon(journal),
            (What::Estimate | What::Move, Some(journal)) if !journal.has_ended() => {
                self.go_on(journal)
            }
            (What::Estimate | What::Move, ended) => self.begin(ended),
        }
    }

    pub(super) fn begin(&mut self, ended: Option<Journal>) -> Result<Report, Stop> {
        let kept = ended.map_or_else(Vec::new, |journal| journal.kept);
        let need = match self.need()? {
            need::Need::Move(need) => need,
            need::Need::AsPlanned => return Ok(self.report(Outcome::AsPlanned, None, kept)),
            need::Need::NothingThere => return Ok(self.report(Outcome::NothingThere, None, kept)),
        };
        let estimate = self.estimate(&need.spot, &need.why, None)?;
        (self.told)(&estimate.shown());
        if self.request.what == What::Estimate {
            return Ok(self.report(Outcome::Estimated, Some(estimate), kept));
        }
        let mut journal = self.new_journal(need, kept)?;
        self.keep(&journal)?;
        self.work(&mut journal)?;
        Ok(self.report(Outcome::Moved, Some(estimate), journal.kept))
    }

    pub(super) fn go_on(&mut self, mut journal: Journal) -> Result<Report, Stop> {
        self.is_the_same(&journal)?;
        if self.request.what == What::Estimate && !journal.is_only_copied() {
            (self.told)(
                "the copy was about to become the volume, or is it: the same command without `--dry-run` ends the move",
            );
            return Ok(self.report(Outcome::Estimated, None, journal.kept));
        }
        if self.request.what == What::Estimate {
            let why = "it was begun, and not ended";
            let staged = journal.staging.clone();
            let estimate = self.estimate(&journal.source.spot, why, Some(&staged))?;
            (self.told)(&estimate.shown());
            return Ok(self.report(Outcome::Estimated, Some(estimate), journal.kept));
        }
        (self.told)("going on with the move that was begun");
        self.work(&mut journal)?;
        Ok(self.report(Outcome::Moved, None, journal.kept))
    }

    /// Whether what was begun is what is asked for.
    pub(super) fn is_the_same(&self, journal: &Journal) -> Result<(), Stop> {
        let give_up = format!(
            "`podman-btrfs migrate PLAN {} --abandon` gives it up",
            journal.volume
        );
        if journal.target != self.volume.place {
            return Err(Stop::Refused(format!(
                "a move to {} was begun and not ended, and now {} is planned; {give_up}",
                Spot::of(&journal.target).shown(),
                self.volume.place.path
            )));
        }
        let Some(from) = &self.request.from else {
            return Ok(());
        };
        let source = self.path(&journal.source.spot)?;
        // After the exchange it is not there any more.
        let found = self.system.identity(from)?;
        let is_it = from == &source || found.as_ref() == Some(&journal.source.identity);
        if is_it {
            return Ok(());
        }
        Err(Stop::Refused(format!(
            "a move from {} was begun and not ended; {give_up}",
            journal.source.spot.shown()
        )))
    }

    pub(super) fn new_journal(&self, need: need::Move, kept: Vec<Kept>) -> Result<Journal, Stop> {
        let marker = crate::marker::Marker::born(&self.volume.key, self.system)?.id;
        let path = &self.volume.place.path;
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        let slash = if above.is_empty() { "" } else { "/" };
        Ok(Journal {
            journal_version: journal::JOURNAL_VERSION,
            volume: self.volume.key.clone(),
            started: self.system.now(),
            keep_days: self.request.keep_days,
            source: journal::Source {
                spot: need.spot,
                identity: need.identity,
                marker: need.marker,
            },
            target: self.volume.place.clone(),
            staging: format!("{above}{slash}{}migrating-{marker}", journal::PREFIX),
            marker,
            stage: Stage::Preparing,
            units: Vec::new(),
            copied: None,
            before: None,
            kept,
        })
    }

    pub(super) fn report(
        &self,
        outcome: Outcome,
        estimate: Option<Estimate>,
        kept: Vec<Kept>,
    ) -> Report {
        Report {
            volume: self.volume.key.clone(),
            outcome,
            estimate,
            kept,
        }
    }

    /// Where something lies, through the mounts of this run.
    pub(super) fn path(&self, spot: &Spot) -> Result<PathBuf, Fault> {
        let Some(name) = &spot.filesystem else {
            return Ok(PathBuf::from(&spot.path));
        };
        let top = self.tops.get(name).ok_or_else(|| {
            Fault::Unexpected(format!(
                "{} lies on a filesystem that the plan does not have: plan with it, so that it is known where it is",
                spot.shown()
            ))
        })?;
        Ok(top.join(&spot.path))
    }

    /// Refuses what somebody uses, or may use.
    pub(super) fn is_unused(&self, path: &Path, shown: &str) -> Result<(), Stop> {
        let users = self.system.users(path)?;
        match users.refusal(shown, &self.request.not_used_by) {
            Some(because) if !users.are_known() => Err(Stop::Refused(because)),
            Some(because) => Err(Stop::Refused(format!(
                "{because} (a unit that the plan does not know: `--unit NAME`)"
            ))),
            None => Ok(()),
        }
    }

    /// The planned place.
    pub(super) fn target(&self) -> Result<PathBuf, Fault> {
        self.path(&Spot::of(&self.volume.place))
    }

    pub(super) fn top(&self) -> Result<&Path, Fault> {
        let name = &self.volume.place.filesystem;
        let top = self.tops.get(name).map(PathBuf::as_path);
        top.ok_or_else(|| Fault::Unexpected(format!("{name} is not mounted")))
    }

    /// Another disk in the place of one that held volumes holds nothing of what the ledger knows of.
    pub(super) fn check_filesystems(&mut self) -> Result<(), Stop> {
        self.ledger.check_filesystems(self.system, &self.tops)
    }
}
