//! Moves a volume's data to its planned place, or makes it anew with its planned attributes: one engine for a directory that becomes
//! a subvolume, for nodatacow or compression that is otherwise than planned, for another place or filesystem, and for a named volume
//! of Podman or Docker that becomes a declared one.
//!
//! While the volume is in use a copy is made beside its planned place. Then what uses it is stopped, the rest is copied, all is
//! compared, and the copy takes the place in one step. What was copied is kept. [`journal`] says what was begun, so that a
//! run which was ended anywhere is gone on with: before the exchange the source is the volume and only copied from, after it the
//! copy is, and nothing in between is ever both.

mod copy;
mod estimate;
mod exchange;
pub mod journal;
mod kept;
mod need;
pub mod podman_volume;
mod stages;
mod staging;
pub mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use podman_btrfs_core::plan::{FilesystemPlan, Plan};
use podman_btrfs_core::units::FilesystemName;
use serde::Serialize;

use crate::apply::top_level::{self, TopLevel};
use crate::ledger::{self, Ledger, PlannedVolume};
use crate::observe::uuid;
use crate::system::{Fault, System};
pub use estimate::Estimate;
use journal::{Journal, Kept, Spot, Stage};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The copy of a workload and the volume: `shop/pgdata`, `shop@2/pgdata`.
    pub volume: String,
    /// Where the data lies, where the ledger does not know.
    pub from: Option<PathBuf>,
    /// Units that use it besides those that the plan's containers have.
    pub units: Vec<String>,
    /// Names of processes of which somebody says that they do not use it, where that may not be looked at.
    pub not_used_by: Vec<String>,
    /// What is done.
    pub what: What,
    /// How many days the source is kept.
    pub keep_days: u32,
    /// Where journals are.
    pub journals: PathBuf,
    /// Where the ledger is.
    pub ledger: PathBuf,
    /// A directory of ours, in which the top level of each filesystem is mounted for the time of the run.
    pub work_directory: PathBuf,
}

/// What is done about a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is moved, or the move is gone on with.
    Move,
    /// Only looked what that would take.
    Estimate,
    /// Sources whose days are over are deleted.
    ForgetSource,
    /// A move that is not done is given up, and its copy deleted.
    Abandon,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The volume.
    pub volume: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What the move takes; absent where none was to be begun.
    pub estimate: Option<Estimate>,
    /// The sources that are kept.
    pub kept: Vec<Kept>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It lies as planned, and nothing was to be done.
    AsPlanned,
    /// Nothing lies anywhere that could be moved.
    NothingThere,
    /// It was only looked.
    Estimated,
    /// It lies as planned now.
    Moved,
    /// What was to be deleted is gone.
    Forgotten,
    /// The move was given up.
    Abandoned,
}

/// Why a move was not made.
#[derive(Debug)]
pub enum Stop {
    /// Something has to be seen to first; nothing was changed, or all is as it was.
    Refused(String),
    /// The machine failed.
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Stop {
    /// The same with something more to say.
    fn and(self, more: &str) -> Self {
        match self {
            Self::Refused(because) => Self::Refused(format!("{because}; {more}")),
            Self::Fault(fault) => Self::Fault(Fault::Unexpected(format!("{fault}; {more}"))),
        }
    }
}

/// Does what is asked for. `told` hears of each part of the work as it begins.
///
/// # Errors
/// When it is refused, or the machine fails. Then the source is the volume and what was stopped runs again, unless the error says
/// otherwise; the same request goes on from there.
pub fn migrate(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Report, Stop> {
    let volume = find(plan, &request.volume)?;
    let unknown = || {
        Stop::Refused(format!(
            "the plan has no filesystem {}",
            volume.place.filesystem
        ))
    };
    let filesystem = plan
        .filesystems
        .get(&volume.place.filesystem)
        .ok_or_else(unknown)?;
    let ledger = Ledger::read(system, &request.ledger)?;
    let file = Journal::path(&request.journals, &request.volume);
    let journal = Journal::read(system, &file)?;
    let needed = filesystems(plan, &volume, &ledger, journal.as_ref());
    let mounted = mount(plan, request, system, &needed)?;
    let tops = mounted
        .iter()
        .map(|(name, top)| (name.clone(), top.path().to_owned()));
    let mut mover = Mover {
        plan,
        system,
        request,
        tops: tops.collect(),
        volume,
        filesystem,
        ledger,
        file,
        exchanged_now: false,
        told,
    };
    let done = mover.check_filesystems().and_then(|()| mover.run(journal));
    let unmounted: Result<Vec<()>, Fault> = mounted
        .into_iter()
        .map(|(_, top)| top.unmount(system))
        .collect();
    let report = done?;
    unmounted?;
    Ok(report)
}

/// The volume of this name.
fn find<'a>(plan: &'a Plan, name: &str) -> Result<PlannedVolume<'a>, Stop> {
    let mut all: Vec<PlannedVolume> = plan
        .filesystems
        .keys()
        .flat_map(|filesystem| ledger::planned_on(plan, filesystem))
        .collect();
    if let Some(found) = all.iter().position(|volume| volume.key == name) {
        return Ok(all.swap_remove(found));
    }
    let known: Vec<&str> = all.iter().take(8).map(|volume| &*volume.key).collect();
    Err(Stop::Refused(format!(
        "the plan has no volume `{}`; it has {}{}",
        name.escape_debug(),
        if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        },
        if all.len() > known.len() {
            " and others"
        } else {
            ""
        },
    )))
}

/// The filesystems of the plan that something of it may lie on.
fn filesystems(
    plan: &Plan,
    volume: &PlannedVolume,
    ledger: &Ledger,
    journal: Option<&Journal>,
) -> BTreeSet<FilesystemName> {
    let known = ledger.known(&volume.key, volume.former.as_deref());
    let mut names = BTreeSet::from([volume.place.filesystem.clone()]);
    names.extend(known.map(|(_, place)| place.filesystem.clone()));
    if let Some(journal) = journal {
        let kept = journal.kept.iter().map(|kept| &kept.spot);
        let spots = std::iter::once(&journal.source.spot).chain(kept);
        names.extend(spots.filter_map(|spot| spot.filesystem.clone()));
        names.insert(journal.target.filesystem.clone());
    }
    names.retain(|name| plan.filesystems.contains_key(name));
    names
}

type Mounted = Vec<(FilesystemName, TopLevel)>;

fn mount(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    names: &BTreeSet<FilesystemName>,
) -> Result<Mounted, Fault> {
    let mut mounted: Mounted = Vec::new();
    let wanted = plan
        .filesystems
        .iter()
        .filter(|(name, _)| names.contains(*name));
    for (name, filesystem) in wanted {
        match mount_one(request, system, name, filesystem) {
            Ok(top) => mounted.push((name.clone(), top)),
            Err(fault) => {
                for (_, top) in mounted {
                    top.unmount(system)?;
                }
                return Err(fault);
            }
        }
    }
    Ok(mounted)
}

fn mount_one(
    request: &Request,
    system: &dyn System,
    name: &FilesystemName,
    filesystem: &FilesystemPlan,
) -> Result<TopLevel, Fault> {
    /// A copier of a run that was killed ends with it, but not at once: as long as it works there, nothing is mounted anew.
    const TRIES: usize = 20;
    const BETWEEN: Duration = Duration::from_millis(500);
    let directory = request.work_directory.join(name.as_str());
    let mut options = filesystem.mount_options.clone();
    options.extend((request.what == What::Estimate).then(|| "ro".to_owned()));
    let mut tried = 1;
    loop {
        match top_level::mount(system, &filesystem.device, &directory, &options) {
            Err(Fault::Program { command, .. })
                if command.starts_with("umount") && tried < TRIES =>
            {
                tried += 1;
                system.pause(BETWEEN);
            }
            result => return result,
        }
    }
}

/// One run.
struct Mover<'a> {
    plan: &'a Plan,
    system: &'a dyn System,
    request: &'a Request,
    /// Where the top levels of filesystems are mounted.
    tops: BTreeMap<FilesystemName, PathBuf>,
    volume: PlannedVolume<'a>,
    /// The filesystem that the volume is planned on.
    filesystem: &'a FilesystemPlan,
    ledger: Ledger,
    /// The journal's file.
    file: PathBuf,
    /// Whether this run made the exchange, so that nothing can have used the new place before it was asked to.
    exchanged_now: bool,
    told: &'a mut dyn FnMut(&str),
}

impl Mover<'_> {
    fn run(&mut self, journal: Option<Journal>) -> Result<Report, Stop> {
        match (self.request.what, journal) {
            (What::ForgetSource, journal) => self.forget_sources(journal),
            (What::Abandon, journal) => self.abandon(journal),
            (What::Estimate | What::Move, Some(journal)) if !journal.has_ended() => {
                self.go_on(journal)
            }
            (What::Estimate | What::Move, ended) => self.begin(ended),
        }
    }

    fn begin(&mut self, ended: Option<Journal>) -> Result<Report, Stop> {
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

    fn go_on(&mut self, mut journal: Journal) -> Result<Report, Stop> {
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
    fn is_the_same(&self, journal: &Journal) -> Result<(), Stop> {
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

    fn new_journal(&self, need: need::Move, kept: Vec<Kept>) -> Result<Journal, Stop> {
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

    fn report(&self, outcome: Outcome, estimate: Option<Estimate>, kept: Vec<Kept>) -> Report {
        Report {
            volume: self.volume.key.clone(),
            outcome,
            estimate,
            kept,
        }
    }

    fn keep(&self, journal: &Journal) -> Result<(), Fault> {
        journal.keep(self.system, &self.file)
    }

    /// Where something lies, through the mounts of this run.
    fn path(&self, spot: &Spot) -> Result<PathBuf, Fault> {
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
    fn is_unused(&self, path: &Path, shown: &str) -> Result<(), Stop> {
        let users = self.system.users(path)?;
        if !users.found.is_empty() {
            let first: Vec<&str> = users.found.iter().take(5).map(String::as_str).collect();
            return Err(Stop::Refused(format!(
                "{shown} is in use: {}; stop that (a unit that the plan does not know: `--unit NAME`)",
                first.join("; ")
            )));
        }
        let vouched = |name: &&String| !self.request.not_used_by.contains(*name);
        if let Some(name) = users.unseen.iter().find(vouched) {
            return Err(Stop::Refused(format!(
                "what the process `{name}` has open may not be looked at from here; where you know that it does not use {shown}, say so by `--not-used-by {name}`"
            )));
        }
        Ok(())
    }

    /// The planned place.
    fn target(&self) -> Result<PathBuf, Fault> {
        self.path(&Spot::of(&self.volume.place))
    }

    fn top(&self) -> Result<&Path, Fault> {
        let name = &self.volume.place.filesystem;
        let top = self.tops.get(name).map(PathBuf::as_path);
        top.ok_or_else(|| Fault::Unexpected(format!("{name} is not mounted")))
    }

    /// Another disk in the place of one that held volumes holds nothing of what the ledger knows of.
    fn check_filesystems(&mut self) -> Result<(), Stop> {
        for (name, top) in &self.tops {
            let found = uuid::of_mount(self.system, top)?;
            match self.ledger.filesystems.get(name) {
                Some(known) if *known != found => {
                    return Err(Stop::Refused(format!(
                        "{name} is the filesystem {found}, and its volumes lie on {known}; see what `podman-btrfs apply` says"
                    )));
                }
                Some(_) => {}
                None => {
                    self.ledger.filesystems.insert(name.clone(), found);
                }
            }
        }
        Ok(())
    }
}

/// The day of a time in seconds since 1970, in UTC.
#[must_use]
pub fn day(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok();
    let at = at.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    at.map_or_else(
        || "for ever".to_owned(),
        |at| at.strftime("%Y-%m-%d").to_string(),
    )
}
