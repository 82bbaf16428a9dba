//! Replaces the image that a workload runs, and takes image and data back together where the new one does not do.
//!
//! All that uses the workload's data stops, the group is snapshotted while nobody writes, the reference comes to mean the new image, and
//! the units start. For a while they are watched. Where they do not come up or do not stay up, everything stops again, the
//! snapshot is put in place of the data as a restore does it, the reference means the old image again, and the units start on both.
//! What the new image left behind is kept, and so is the image.
//!
//! [`journal`] says what was begun, so that a run which was ended anywhere is gone on with or given up, and [`gate`] keeps containers from
//! starting while image and data are not of one moment.
//!
//! | file | holds |
//! | --- | --- |
//! | [`journal`] | what an update has come to |
//! | `look` | which containers, references and copies it is about |
//! | `store` | what is asked of Podman's store of images |
//! | `begin` | what comes before anything stops |
//! | `stages` | the way forward |
//! | `back` | the way back, and giving up |
//! | `window` | whether what was started comes up and stays up |
//! | `account` | what it does, told before it is done |
//! | [`gate`] | whether a container may start now |

mod account;
mod back;
mod begin;
pub mod gate;
pub mod journal;
mod look;
mod stages;
mod store;
mod window;

use std::collections::BTreeMap;
use std::path::PathBuf;

use podman_btrfs_core::plan::{Instance, Plan, WorkloadPlan};
use podman_btrfs_core::units::{ContainerName, ImageReference, WorkloadName};
use serde::Serialize;

pub use account::Account;
pub use journal::Journal;

/// The directory of the journals of updates, beside the receipts.
pub const JOURNALS: &str = "updates";
use journal::Stage;
use stages::Updater;

use crate::stop::Stop;
use crate::system::{Fault, System};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is done.
    pub what: What,
    /// Other images for containers than those that their references come to mean, by container; where some are named, only these
    /// containers get another image.
    pub images: BTreeMap<ContainerName, ImageReference>,
    /// What is here already is taken, and nothing pulled.
    pub no_pull: bool,
    /// For how many seconds it is watched what the new image does.
    pub window_seconds: u64,
    /// Where journals are.
    pub journals: PathBuf,
    /// This program, for the watchdog of a group snapshot.
    pub program: PathBuf,
    /// How data is put back: whom it stops, how long what was replaced is kept, where things are. The copy, the point and what is
    /// done are set for each.
    pub restoring: crate::restore::Request,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is looked what an update of this copy would do.
    Estimate(String),
    /// This copy is updated, after what was begun of it was ended.
    Update(String),
    /// Each copy with a container that is labelled for `podman auto-update`.
    Auto,
    /// What was begun is ended or given up, whatever it was.
    Resume,
    /// The last update of this copy is taken back.
    Back(String),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The copies that it is about.
    pub copies: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not end as it was meant to.
    pub because: Option<String>,
    /// What was done, or would be.
    pub account: Option<Account>,
    /// What a person is to know, each a sentence.
    pub notes: Vec<String>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was only looked.
    Estimated,
    /// The images are the newest already.
    NothingToDo,
    /// The new image runs.
    Updated,
    /// The old image runs on the old data.
    WentBack,
    /// Nothing was changed, or all is as it was.
    GivenUp,
}

impl Report {
    /// Whether somebody is to see to it.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self.outcome {
            Outcome::Estimated | Outcome::NothingToDo | Outcome::Updated => false,
            Outcome::WentBack | Outcome::GivenUp => self.because.is_some(),
        }
    }
}

/// Does what is asked for. `told` hears of each part of the work as it begins. The lock of commands that change where volumes lie is
/// the caller's.
///
/// # Errors
/// When it is refused, or the machine fails. Then the old image runs on the data as it was, unless the error says otherwise.
pub fn update(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Vec<Report>, Stop> {
    let journals = Journal::all(system, &request.journals)?;
    let begun: Vec<Journal> = journals
        .iter()
        .filter(|one| !one.has_ended())
        .cloned()
        .collect();
    let mut updater = Updater {
        plan,
        system,
        request,
        told,
        started_now: false,
        is_auto: request.what == What::Auto,
        former: journals
            .iter()
            .filter(|one| one.has_ended())
            .cloned()
            .collect(),
    };
    match &request.what {
        What::Estimate(copy) => match begun.first() {
            Some(journal) => Err(Stop::Refused(is_begun(journal))),
            None => Ok(vec![updater.estimate(find(plan, copy)?)?]),
        },
        What::Update(copy) => {
            let found = find(plan, copy)?;
            if let Some(journal) = begun.into_iter().next() {
                if !journal.copies.contains(copy) {
                    return Err(Stop::Refused(is_begun(&journal)));
                }
                let report = updater.resume(journal)?;
                if report.outcome != Outcome::GivenUp {
                    return Ok(vec![report]);
                }
            }
            Ok(vec![updater.begin(found)?])
        }
        What::Resume => begun
            .into_iter()
            .map(|journal| updater.resume(journal))
            .collect(),
        What::Auto => {
            let mut reports = Vec::new();
            for journal in begun {
                reports.push(updater.resume(journal)?);
            }
            updater.all(&mut reports)?;
            Ok(reports)
        }
        What::Back(copy) => {
            find(plan, copy)?;
            if let Some(journal) = begun.iter().find(|one| one.stage != Stage::Starting) {
                return Err(Stop::Refused(is_begun(journal)));
            }
            let mut of_it = journals.into_iter().filter(|one| one.copies.contains(copy));
            let last = of_it.next_back().ok_or_else(|| {
                Stop::Refused(format!(
                    "no update of {copy} is kept that could be taken back"
                ))
            })?;
            Ok(vec![updater.take_back(last)?])
        }
    }
}

/// A copy of a workload in the plan.
#[derive(Clone, Copy)]
struct Copy<'p> {
    name: &'p WorkloadName,
    workload: &'p WorkloadPlan,
    instance: &'p Instance,
}

fn copies(plan: &Plan) -> impl Iterator<Item = Copy<'_>> {
    plan.workloads.iter().flat_map(|(name, workload)| {
        let all = workload.instances.iter();
        all.map(move |instance| Copy {
            name,
            workload,
            instance,
        })
    })
}

fn find<'p>(plan: &'p Plan, copy: &str) -> Result<Copy<'p>, Stop> {
    copies(plan)
        .find(|one| one.instance.name == copy)
        .ok_or_else(|| {
            let known: Vec<&str> = copies(plan)
                .take(8)
                .map(|one| one.instance.name.as_str())
                .collect();
            Stop::Refused(format!(
                "the plan has no workload `{}`; it has {}",
                copy.escape_debug(),
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            ))
        })
}

fn is_begun(journal: &Journal) -> String {
    format!(
        "an update of {} was begun and not ended: `podman-btrfs update PLAN --resume` ends it, or gives it up where nothing was changed",
        journal.copies.join(", ")
    )
}

/// The beginning of an image's identity, as Podman shows it.
fn short(image: &str) -> &str {
    let digits = image.strip_prefix("sha256:").unwrap_or(image);
    digits.get(..12).unwrap_or(digits)
}

fn wrong(text: String) -> Stop {
    Stop::Fault(Fault::Unexpected(text))
}
