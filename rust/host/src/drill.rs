//! Drills: the newest point of a workload is restored into a throw-away place, and it is looked whether it comes back.
//!
//! Nothing in use is touched. Of each member a writable snapshot is made beside the snapshots, from a target it is received first, all
//! of it, so that what lies there is what is proven. Every file is read; engines are started on it in containers of the same image,
//! without network, and asked to examine themselves. Afterwards all of it is deleted, and so is what a run left that was ended in the
//! middle: it has names of ours in a directory of ours.
//!
//! | file | holds |
//! | --- | --- |
//! | [`record`] | what is known of the last drills |
//! | [`finding`] | what can be wrong, each its own kind |
//! | `choice` | which copies and which point |
//! | `stage` | the throw-away place |
//! | `content` | files: read, compared |
//! | `engine` | what each engine is asked |
//! | `container` | the throw-away container |

mod choice;
mod container;
mod content;
mod engine;
pub mod finding;
mod judge;
mod receive;
pub mod record;
mod run;
mod running;
mod stage;

use std::path::PathBuf;

use podman_btrfs_core::plan::Plan;
use serde::Serialize;

pub(crate) use choice::sources;
pub use finding::{Finding, Kind};
use record::Drills;

use crate::stop::Stop;
use crate::system::System;

/// What a drill of this host's own snapshots is called, where one of a target has its name.
pub const HOST: &str = "host";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Copies of workloads, as `shop@2`; none: all that have snapshots by the plan.
    pub copies: Vec<String>,
    /// The target that they come from; `None`: this host.
    pub from: Option<String>,
    /// This host, and each target that a copy is sent to, one after the other.
    pub everywhere: bool,
    /// How many seconds an engine has until it answers.
    pub wait_seconds: u64,
    /// Only look.
    pub dry_run: bool,
    /// Where what came of it is recorded.
    pub record: PathBuf,
    /// What reading the points takes; its copy is set for each.
    pub restore: crate::restore::Request,
}

/// What came of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What a run that was ended in the middle had left, and is deleted: in words.
    pub cleared: Vec<String>,
    /// By copy, in order.
    pub drills: Vec<Drill>,
}

/// What came of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drill {
    /// The copy of a workload.
    pub copy: String,
    /// `host`, or the name of a target.
    pub source: String,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// How many seconds it took.
    pub seconds: u64,
    /// The point's name.
    pub point: Option<String>,
    /// When the point was taken, in seconds since 1970.
    pub taken: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was shown, in words.
    pub proofs: Vec<String>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What a person is to know besides.
    pub notes: Vec<String>,
}

/// How a drill ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It comes back, and nothing was found.
    Proven,
    /// Something was found.
    Failed,
    /// It was only looked.
    Planned,
}

impl Drill {
    fn begun(copy: &str, source: &str, started: u64) -> Self {
        Self {
            copy: copy.to_owned(),
            source: source.to_owned(),
            started,
            seconds: 0,
            point: None,
            taken: None,
            outcome: Outcome::Failed,
            proofs: Vec::new(),
            findings: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn found(&mut self, kind: Kind, volume: Option<&str>, message: String) {
        self.findings.push(Finding {
            kind,
            volume: volume.map(str::to_owned),
            message,
        });
    }
}

/// Drills one copy after the other, and records what came of each as it ends. The caller has the lock of drills. `told` hears of each
/// part of the work as it begins.
///
/// # Errors
/// When nothing of what is asked for can be drilled by the plan, or what came of it cannot be recorded.
pub fn drill(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Report, Stop> {
    let copies = choice::copies(plan, request).map_err(Stop::Refused)?;
    // One that cannot be read is told before hours of work, not after.
    let mut known = Drills::read(system, &request.record)?;
    let mut report = Report {
        cleared: Vec::new(),
        drills: Vec::new(),
    };
    if !request.dry_run {
        report.cleared = stage::clear_all(plan, request, system)?;
    }
    for instance in copies {
        for from in choice::asked(plan, &instance.name, request) {
            let of_it = Request {
                from,
                ..request.clone()
            };
            let done = run::one(plan, instance, &of_it, system, told)?;
            if !request.dry_run {
                known.note(&done);
                known.keep(system, &request.record)?;
            }
            report.drills.push(done);
        }
    }
    Ok(report)
}

/// Deletes what a drill left that was ended in the middle, and drills nothing; in words. The caller has the lock of drills.
///
/// # Errors
/// When it cannot be deleted.
pub fn clear(plan: &Plan, request: &Request, system: &dyn System) -> Result<Report, Stop> {
    Ok(Report {
        cleared: stage::clear_all(plan, request, system)?,
        drills: Vec::new(),
    })
}
