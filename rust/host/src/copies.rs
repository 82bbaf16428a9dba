//! `copies`: what of each series lies at each target, and whether the next send can be a difference.
//!
//! Only looks. It keeps two files of its own beside the receipts: when each target was last seen, and what is meant to have begun anew.

mod anew;
mod findings;
mod groups;
mod identity;
mod seen;
mod series;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::finding::Level;
use podman_btrfs_core::observed::{ObservedSubvolume, Space};
use podman_btrfs_core::plan::{Job, Plan};
use podman_btrfs_core::spec::{Keep, SnapshotTool};
use podman_btrfs_core::units::TargetUrl;
use serde::Serialize;

use crate::remote::{self, Form, Remote as _, RemoteSnapshot, Target};
use crate::system::{Fault, System};

pub use anew::{begin_anew, may_run};
pub use findings::size;
pub use identity::of_btrbk;
pub use series::{Next, SeriesReport};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// Only this target; `None`: all.
    pub target: Option<String>,
    /// The file of the key that ssh logs in with; `None`: the one that btrbk uses, else as ssh finds it.
    pub identity: Option<PathBuf>,
    /// Where btrbk's configurations are: `/etc/btrbk`.
    pub configurations: PathBuf,
    /// Where the receipts are, and beside them `copies.json` (what was seen last time) and `begun-anew.json`.
    pub receipts: PathBuf,
    /// Where gpg finds the private key that encrypted copies are read with; `None`: where it looks by itself.
    pub gnupg_home: Option<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When, in seconds since 1970.
    pub looked: u64,
    /// By name of the target.
    pub targets: Vec<TargetReport>,
    /// What somebody is to know, the gravest of each target first.
    pub findings: Vec<CopyFinding>,
}

/// One target.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetReport {
    /// Its name in the plan.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Whether it could be looked at.
    pub state: TargetState,
    /// Why not.
    pub why: Option<String>,
    /// When it was last seen, in seconds since 1970; `None`: never, as far as the records tell.
    pub last_seen: Option<u64>,
    /// How many bytes of data it still takes; `None`: not known.
    pub free_bytes: Option<u64>,
    /// How many its filesystem holds at most; `None`: not known.
    pub capacity_bytes: Option<u64>,
    /// Whether copies lie there as encrypted files.
    pub encrypted: bool,
    /// By name.
    pub series: Vec<SeriesReport>,
}

/// Whether a target could be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetState {
    /// It was.
    Present,
    /// It is away: a disk that is not mounted, a host that does not answer.
    Absent,
    /// It answers, and could not be looked at.
    Unknown,
}

/// What somebody is to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyFinding {
    /// Its kind, in one word: `chain-broken`.
    pub kind: &'static str,
    /// How grave.
    pub level: Level,
    /// The target.
    pub target: String,
    /// The series, where it is about one.
    pub series: Option<String>,
    /// What is so.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// The snapshots of a directory of this host, by name.
type Here = BTreeMap<String, ObservedSubvolume>;

/// A target with the jobs that send to it.
struct Wanted<'p> {
    url: &'p TargetUrl,
    is_encrypted: bool,
    keep: Keep,
    jobs: Vec<&'p Job>,
}

impl Request {
    fn seen(&self) -> PathBuf {
        self.receipts.join("copies.json")
    }

    fn meant(&self) -> PathBuf {
        self.receipts.join("begun-anew.json")
    }
}

impl TargetReport {
    fn new(name: &str, wanted: &Wanted<'_>, last_seen: Option<u64>) -> Self {
        Self {
            name: name.to_owned(),
            url: wanted.url.as_str().to_owned(),
            state: TargetState::Present,
            why: None,
            last_seen,
            free_bytes: None,
            capacity_bytes: None,
            encrypted: wanted.is_encrypted,
            series: Vec::new(),
        }
    }

    fn is_not_seen(&mut self, fault: Fault) {
        (self.state, self.why) = match fault {
            Fault::Absent { why, .. } => (TargetState::Absent, Some(why)),
            fault @ (Fault::ProgramMissing { .. }
            | Fault::Program { .. }
            | Fault::File { .. }
            | Fault::Unexpected(_)) => (TargetState::Unknown, Some(fault.to_string())),
        };
    }
}

/// Looks at the targets of a plan; a target that cannot be looked at is told, and the others are looked at all the same.
///
/// # Errors
/// When the plan has no target of the name that is asked for, or what was seen last time cannot be read.
pub fn look(plan: &Plan, request: &Request, system: &dyn System) -> Result<Report, Fault> {
    let wanted = wanted(plan, request)?;
    let meant = anew::Meant::read(system, &request.meant())?;
    let mut seen = seen::Seen::read(system, &request.seen())?;
    let mut report = Report {
        looked: system.now(),
        targets: Vec::new(),
        findings: Vec::new(),
    };
    for (name, wanted) in wanted {
        let before = report.findings.len();
        let looked = at_target(
            name,
            &wanted,
            (request, &meant),
            system,
            &mut seen,
            &mut report,
        );
        report.targets.push(looked);
        if let Some(of_it) = report.findings.get_mut(before..) {
            of_it.sort_by_key(|one| std::cmp::Reverse(one.level));
        }
    }
    if let Err(fault) = seen.write(system, &request.seen()) {
        let path = request.seen();
        report.findings.push(CopyFinding {
            kind: "not-recorded",
            level: Level::Warn,
            target: String::new(),
            series: None,
            message: format!("when the targets were seen is not recorded: {fault}"),
            help: format!("{} is to be written by root", path.display()),
        });
    }
    Ok(report)
}

fn wanted<'p>(plan: &'p Plan, request: &Request) -> Result<BTreeMap<&'p str, Wanted<'p>>, Fault> {
    let mut all: BTreeMap<&str, Wanted<'_>> = BTreeMap::new();
    let jobs = plan.protection.jobs.iter();
    for job in jobs.filter(|job| job.tool == SnapshotTool::Btrbk) {
        for (name, target) in &job.targets {
            let one = all.entry(name.as_str()).or_insert_with(|| Wanted {
                url: &target.url,
                is_encrypted: target.encryption.is_some(),
                keep: target.keep,
                jobs: Vec::new(),
            });
            one.jobs.push(job);
        }
    }
    if let Some(name) = &request.target {
        all.retain(|known, _| known == name);
        if all.is_empty() {
            return Err(Fault::Unexpected(format!(
                "no job of the plan sends to a target `{}`",
                name.escape_debug()
            )));
        }
    }
    Ok(all)
}

fn at_target(
    name: &str,
    wanted: &Wanted<'_>,
    (request, meant): (&Request, &anew::Meant),
    system: &dyn System,
    seen: &mut seen::Seen,
    report: &mut Report,
) -> TargetReport {
    let target = target(name, wanted, request, system);
    let mut told = TargetReport::new(name, wanted, seen.last(name));
    let here = snapshots_here(name, wanted, system, report);
    let list = match target.list() {
        Ok(list) => list,
        Err(fault) => {
            told.is_not_seen(fault);
            findings::not_seen(&told, report);
            return told;
        }
    };
    told.last_seen = Some(report.looked);
    room(&target, &mut told, report);
    for job in &wanted.jobs {
        let Some(here) = here.get(job.snapshot_directory.as_str()) else {
            continue;
        };
        for subvolume in &job.subvolumes {
            let whole_each = wanted.is_encrypted.then(|| wanted.keep.finest().0);
            let born = anew::birth(system, subvolume, meant).unwrap_or_else(|fault| {
                let found = anew::unknown(name, subvolume, &fault);
                report.findings.push(found);
                None
            });
            let one = series::look(system, (job, subvolume), here, &list, whole_each, born);
            told.series.push(one);
        }
    }
    told.series
        .sort_by(|one, other| one.series.cmp(&other.series));
    seen.note(name, report.looked);
    findings::seen(&told, wanted, report);
    findings::damaged(&told, &list, report);
    // It was looked at a moment ago: a target that has gone since is told by the next look.
    if let Ok(Some(mount_point)) = target.commits_before_data() {
        findings::commits_before_data(&told, &mount_point, report);
    }
    if !wanted.is_encrypted {
        groups::look(&target, &told, &list, report);
    }
    told
}

fn target<'s>(
    name: &str,
    wanted: &Wanted<'_>,
    request: &Request,
    system: &'s dyn System,
) -> Target<'s> {
    let identity = request.identity.clone().or_else(|| {
        let runs = wanted.jobs.iter().map(|job| job.name.as_str());
        of_btrbk(system, &request.configurations, runs)
    });
    let gnupg_home = request.gnupg_home.clone();
    let form = if wanted.is_encrypted {
        Form::Encrypted { gnupg_home }
    } else {
        Form::Subvolumes
    };
    Target::new(name, wanted.url, form, identity, system)
}

/// A target of the plan by its name, with the key that its copies are sent with.
///
/// # Errors
/// When the plan has no target of that name.
pub fn open<'s>(
    plan: &Plan,
    name: &str,
    request: &Request,
    system: &'s dyn System,
) -> Result<Target<'s>, Fault> {
    let request = Request {
        target: Some(name.to_owned()),
        ..request.clone()
    };
    let all = wanted(plan, &request)?;
    let found = all.get(name).map(|one| target(name, one, &request, system));
    found.ok_or_else(|| Fault::Unexpected(format!("no target `{}`", name.escape_debug())))
}

/// What lies here, by directory; one that cannot be looked at is told.
fn snapshots_here<'p>(
    target: &str,
    wanted: &Wanted<'p>,
    system: &dyn System,
    report: &mut Report,
) -> BTreeMap<&'p str, Here> {
    let mut all = BTreeMap::new();
    for job in &wanted.jobs {
        let directory = job.snapshot_directory.as_str();
        if all.contains_key(directory) {
            continue;
        }
        match remote::here(system, Path::new(directory)) {
            Ok(here) => drop(all.insert(directory, here)),
            Err(fault) => report.findings.push(CopyFinding {
                kind: "snapshots-unknown",
                level: Level::Error,
                target: target.to_owned(),
                series: None,
                message: format!("the snapshots in {directory} cannot be looked at: {fault}"),
                help: "`podman-btrfs doctor` tells what is otherwise than planned".into(),
            }),
        }
    }
    all
}

fn room(target: &Target<'_>, told: &mut TargetReport, report: &mut Report) {
    match target.space() {
        Ok(space) => {
            told.free_bytes = Some(free(&space));
            told.capacity_bytes = Some(space.capacity());
        }
        Err(fault) => report.findings.push(CopyFinding {
            kind: "room-unknown",
            level: Level::Note,
            target: told.name.clone(),
            series: None,
            message: format!("how much room it has is not known: {fault}"),
            help: "nothing is to be done where that is looked at on its own host".into(),
        }),
    }
}

/// What new data finds: in chunks of data, and in new ones.
fn free(space: &Space) -> u64 {
    let inside = space.data.iter();
    let inside: u64 = inside
        .map(|chunks| chunks.size.saturating_sub(chunks.used))
        .sum();
    inside.saturating_add(space.room())
}

/// What is there of one series, rising.
fn of_series<'l>(list: &'l [RemoteSnapshot], series: &str) -> Vec<&'l RemoteSnapshot> {
    let mut all: Vec<_> = list.iter().filter(|one| one.series == series).collect();
    all.sort_by(|one, other| (one.taken, &one.name).cmp(&(other.taken, &other.name)));
    all
}
