//! One run on a store: which part of the work it is, and what all parts look up.

use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, Plan, StorageConf, StorePlan};

use super::super::engine::Work as _;
use super::super::journal::{JOURNAL_VERSION, Kept, PREFIX, Stage};
use super::super::{Outcome, Stop, What};
use super::need::{Move, Need};
use super::{StoreEstimate, StoreJournal, StoreReport, StoreRequest, refused};
use crate::marker::Marker;
use crate::system::{Fault, System};

/// One run.
pub(super) struct StoreMover<'a> {
    pub(super) plan: &'a Plan,
    pub(super) request: &'a StoreRequest,
    pub(super) system: &'a dyn System,
    pub(super) store: &'a StorePlan,
    pub(super) conf: &'a StorageConf,
    pub(super) filesystem: &'a FilesystemPlan,
    /// The journal's file.
    pub(super) file: PathBuf,
    /// Whether this run made the exchange, so that nothing can have used the new place before it was asked to.
    pub(super) exchanged_now: bool,
    pub(super) told: &'a mut dyn FnMut(&str),
}

impl<'a> StoreMover<'a> {
    pub(super) fn of(
        plan: &'a Plan,
        request: &'a StoreRequest,
        system: &'a dyn System,
        file: PathBuf,
        told: &'a mut dyn FnMut(&str),
    ) -> Result<Self, Stop> {
        let (Some(store), Some(conf)) = (&plan.engine.system, &plan.engine.storage_conf) else {
            return refused("the plan has no store of root");
        };
        let Some(filesystem) = plan.filesystems.get(&store.filesystem) else {
            return refused(format!("the plan has no filesystem {}", store.filesystem));
        };
        Ok(Self {
            plan,
            request,
            system,
            store,
            conf,
            filesystem,
            file,
            exchanged_now: false,
            told,
        })
    }

    pub(super) fn run(&mut self, journal: Option<StoreJournal>) -> Result<StoreReport, Stop> {
        match (self.request.what, journal) {
            (What::ForgetSource, journal) => self.forget_stores(journal),
            (What::Abandon, journal) => self.abandon(journal),
            (What::Estimate | What::Move, Some(journal)) if !journal.has_ended() => {
                self.go_on(journal)
            }
            (What::Estimate | What::Move, ended) => self.begin(ended),
        }
    }

    fn begin(&mut self, ended: Option<StoreJournal>) -> Result<StoreReport, Stop> {
        let kept = ended.map_or_else(Vec::new, |journal| journal.kept);
        let need = match self.need()? {
            Need::Move(need) => need,
            Need::AsPlanned => return Ok(report(Outcome::AsPlanned, None, kept)),
            Need::NothingThere => return Ok(report(Outcome::NothingThere, None, kept)),
        };
        let mut journal = self.new_journal(&need, kept)?;
        let estimate = self.estimate(&journal)?;
        (self.told)(&estimate.shown());
        if self.request.what == What::Estimate {
            return Ok(report(Outcome::Estimated, Some(estimate), journal.kept));
        }
        self.may_leave(&estimate.containers_left)?;
        self.keep(&journal)?;
        self.work(&mut journal)?;
        Ok(report(Outcome::Moved, Some(estimate), journal.kept))
    }

    fn go_on(&mut self, mut journal: StoreJournal) -> Result<StoreReport, Stop> {
        if journal.to != self.conf.driver || journal.graph_root != self.store.graph_root.as_str() {
            return refused(format!(
                "a move of {} to the driver {} was begun and not ended, and now {} with {} is planned; `podman-btrfs migrate-store PLAN \
                 --abandon` gives it up",
                journal.graph_root.escape_debug(),
                journal.to.name(),
                self.store.graph_root,
                self.conf.driver.name()
            ));
        }
        if self.request.what == What::Estimate {
            if !journal.is_only_copied() {
                (self.told)(
                    "the new store was about to take the place, or did: the same command without `--dry-run` ends the move",
                );
                return Ok(report(Outcome::Estimated, None, journal.kept));
            }
            let estimate = self.estimate(&journal)?;
            (self.told)(&estimate.shown());
            return Ok(report(Outcome::Estimated, Some(estimate), journal.kept));
        }
        self.is_in_place()?;
        (self.told)("going on with the move that was begun");
        self.work(&mut journal)?;
        Ok(report(Outcome::Moved, None, journal.kept))
    }

    fn new_journal(&self, need: &Move, kept: Vec<Kept>) -> Result<StoreJournal, Fault> {
        // Only its number is wanted, which no other has.
        let number = Marker::born("store", self.system)?.id;
        Ok(StoreJournal {
            journal_version: JOURNAL_VERSION,
            started: self.system.now(),
            keep_days: self.request.keep_days,
            graph_root: self.store.graph_root.as_str().to_owned(),
            from: need.from,
            to: self.conf.driver,
            source: need.identity.clone(),
            staging: format!("{PREFIX}store-{number}"),
            staged: None,
            stage: Stage::Preparing,
            units: Vec::new(),
            copied: None,
            kept,
        })
    }

    pub(super) fn graph_root(&self) -> &Path {
        Path::new(self.store.graph_root.as_str())
    }

    /// What the graph root lies in.
    pub(super) fn above(&self) -> &Path {
        self.graph_root().parent().unwrap_or(Path::new("/"))
    }

    pub(super) fn staging(&self, journal: &StoreJournal) -> PathBuf {
        self.above().join(&journal.staging)
    }
}

pub(super) fn report(
    outcome: Outcome,
    estimate: Option<StoreEstimate>,
    kept: Vec<Kept>,
) -> StoreReport {
    StoreReport {
        store: "root".into(),
        outcome,
        estimate,
        kept,
    }
}
