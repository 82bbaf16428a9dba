//! Whether what lies here began after the copies of its series at a target: a new host in the place of a lost one, whose containers
//! began in empty volumes, or a workload that was given the name of an earlier one.
//!
//! btrbk thins a target by times alone, whoever took what lies there: `daily` keeps the first of a day, and a copy of yesterday goes when its
//! days are over. What was begun anew so takes the place of what somebody needs. Nothing of it is sent until somebody says which of the two is right.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::finding::Level;
use podman_btrfs_core::plan::{Job, JobSubvolume, Plan};
use podman_btrfs_core::spec::SnapshotTool;
use serde::{Deserialize, Serialize};

use super::{CopyFinding, Report, Request, TargetReport, findings, seen, series, target, wanted};
use crate::record_file;
use crate::remote::{self, Remote as _};
use crate::restore::when::shown;
use crate::system::{Fault, System};

/// The version of the file's form.
const VERSION: u32 = 1;

/// What somebody said is meant to have begun anew.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Meant {
    journal_version: u32,
    /// When it began, in seconds since 1970, by its place on the host: what begins there later is something else.
    places: BTreeMap<String, u64>,
}

impl Meant {
    pub(super) fn read(system: &dyn System, path: &Path) -> Result<Self, Fault> {
        let Some(text) = system.read(path)? else {
            return Ok(Self {
                journal_version: VERSION,
                places: BTreeMap::new(),
            });
        };
        record_file::parse(&text, VERSION).map_err(|why| {
            Fault::Unexpected(format!(
                "{} is not understood ({why}); it only holds what `copies --begin-anew` was told, and may be removed",
                path.display()
            ))
        })
    }
}

/// When what lies at the place of a subvolume began, in seconds since 1970; `None`: nothing lies there, or it is meant to have begun then.
pub(super) fn birth(
    system: &dyn System,
    subvolume: &JobSubvolume,
    meant: &Meant,
) -> Result<Option<u64>, Fault> {
    let place = subvolume.host_path.as_str();
    let born = born(system, place)?;
    Ok(born.filter(|born| meant.places.get(place) != Some(born)))
}

/// The first directory of a subvolume keeps its time of birth in every snapshot, and so in what a restore makes of one.
fn born(system: &dyn System, place: &str) -> Result<Option<u64>, Fault> {
    let found = system.identity(Path::new(place))?;
    Ok(found.and_then(|one| u64::try_from(one.born_seconds).ok()))
}

/// What is to be known of a series that began anew.
pub(super) fn finding(
    target: &str,
    (subvolume, born): (&JobSubvolume, u64),
    newest: &str,
) -> CopyFinding {
    let copy = &subvolume.copy;
    CopyFinding {
        kind: "begun-anew",
        level: Level::Error,
        target: target.to_owned(),
        series: Some(subvolume.name.clone()),
        message: format!(
            "what lies in {} began at {}, after the newest copy there ({}), and continues none: it is not sent, for btrbk would thin the copies that \
             are there to make room for it",
            subvolume.host_path,
            shown(born),
            newest
        ),
        help: format!(
            "where the host was lost: `podman-btrfs recover PLAN {copy} --from {target}`, with `--replace-fresh` where its containers ran already; \
             where it is meant to begin anew: `podman-btrfs copies PLAN --begin-anew {copy}`"
        ),
    }
}

/// That it cannot be told when something began.
pub(super) fn unknown(target: &str, subvolume: &JobSubvolume, fault: &Fault) -> CopyFinding {
    CopyFinding {
        kind: "beginning-unknown",
        level: Level::Error,
        target: target.to_owned(),
        series: Some(subvolume.name.clone()),
        message: format!("whether it continues the copies there cannot be told: {fault}"),
        help: format!("see to {}, and look again", subvolume.host_path),
    }
}

/// What is to be known before a run of btrbk begins: `true` where it may. What of it cannot be looked at keeps nobody: of a target that is away
/// btrbk thins nothing.
///
/// # Errors
/// When the plan has no such run, or what lies here cannot be looked at.
pub fn may_run(
    plan: &Plan,
    run: &str,
    request: &Request,
    system: &dyn System,
) -> Result<(bool, Vec<CopyFinding>), Fault> {
    let jobs = plan.protection.jobs.iter();
    let jobs = jobs.filter(|job| job.tool == SnapshotTool::Btrbk);
    let job = jobs
        .flat_map(Job::runs)
        .find(|job| job.name == run)
        .ok_or_else(|| {
            let run = run.escape_debug();
            Fault::Unexpected(format!("the plan has no run `{run}` of btrbk"))
        })?;
    let meant = Meant::read(system, &request.meant())?;
    let seen = seen::Seen::read(system, &request.seen())?;
    let here = remote::here(system, Path::new(job.snapshot_directory.as_str()))?;
    let mut report = Report {
        looked: system.now(),
        targets: Vec::new(),
        findings: Vec::new(),
    };
    let mut may = true;
    for (name, all) in wanted(plan, request)? {
        if !job.targets.keys().any(|known| known.as_str() == name) {
            continue;
        }
        let list = match target(name, &all, request, system).list() {
            Ok(list) => list,
            Err(fault) => {
                let mut told = TargetReport::new(name, &all, seen.last(name));
                told.is_not_seen(fault);
                findings::not_seen(&told, &mut report);
                continue;
            }
        };
        for subvolume in &job.subvolumes {
            let born = birth(system, subvolume, &meant)?;
            let before = |born| series::newest_before(&here, &list, &subvolume.name, born);
            if let Some((born, newest)) = born.and_then(|born| Some((born, before(born)?))) {
                may = false;
                let found = finding(name, (subvolume, born), &newest.name);
                report.findings.push(found);
            }
        }
    }
    Ok((may, report.findings))
}

/// Takes what lies here of a copy of a workload as meant, and returns its places; none: no job sends it.
///
/// # Errors
/// When it cannot be looked at, or written down.
pub fn begin_anew(
    plan: &Plan,
    copy: &str,
    request: &Request,
    system: &dyn System,
) -> Result<Vec<String>, Fault> {
    let mut meant = Meant::read(system, &request.meant())?;
    let mut places = Vec::new();
    for job in &plan.protection.jobs {
        let of_it = job.subvolumes.iter().filter(|one| one.copy == copy);
        for subvolume in of_it.filter(|_| !job.targets.is_empty()) {
            let place = subvolume.host_path.as_str();
            let Some(born) = born(system, place)? else {
                return Err(Fault::Unexpected(format!(
                    "nothing lies in {place}: `podman-btrfs apply` makes it"
                )));
            };
            meant.places.insert(place.to_owned(), born);
            places.push(place.to_owned());
        }
    }
    if !places.is_empty() {
        record_file::keep(&meant, system, &request.meant())?;
    }
    Ok(places)
}
