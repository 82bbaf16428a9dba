//! A lost host: all workloads come back from a target to a new host, one after another, each by a restore that replaces nothing.
//!
//! First all of them are looked at, so that somebody sees what comes back, of what moment, and what does not, before anything is done.
//! One that is refused or fails does not keep the others back. Units that do not run are started at the end, when all data is there:
//! a container may use another workload's.

use std::collections::BTreeSet;

use podman_btrfs_core::plan::{Instance, Plan};
use podman_btrfs_core::units::UserName;
use serde::Serialize;

use super::prospect::{Prospect, State};
use super::{Asked, What, health, restore};
use crate::stop::Stop;
use crate::system::{Fault, System};
use crate::units::{self, Unit};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The copies of workloads: `shop`, `shop@2`; none: all.
    pub copies: Vec<String>,
    /// The target of the plan that they come from.
    pub target: String,
    /// The newest point not after this.
    pub at: Option<String>,
    /// Whether it is only looked.
    pub dry_run: bool,
    /// Whether what is there already is replaced and kept.
    pub replace_fresh: bool,
    /// Whether it is as it is to be that the target has nothing of some.
    pub allow_missing: bool,
    /// How each is restored; which, what and from where is said by the rest.
    pub each: super::Request,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The target.
    pub target: String,
    /// True where all came back that was to, or would.
    pub complete: bool,
    /// In the plan's order.
    pub workloads: Vec<Workload>,
}

/// What came of a copy of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Its name.
    pub copy: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What would come back; absent where that was refused.
    pub prospect: Option<Prospect>,
    /// Why it is not back, or does not run.
    pub because: Option<String>,
    /// What a person is to know, each a sentence.
    pub notes: Vec<String>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It would come back.
    Waits,
    /// It is back.
    Recovered,
    /// An earlier run brought it back.
    AlreadyRecovered,
    /// The target has nothing of it that is whole.
    NoCopy,
    /// It has no volumes.
    NoVolumes,
    /// It was refused; what is there is as it was.
    Refused,
    /// The machine failed; the next run goes on.
    Failed,
    /// It is back, and its containers do not come up.
    Down,
}

impl Outcome {
    fn is_back(self) -> bool {
        matches!(
            self,
            Self::Recovered | Self::AlreadyRecovered | Self::NoVolumes
        )
    }
}

/// Does it. `looked` hears what would come back before anything is done, `told` of each part of the work as it begins.
///
/// # Errors
/// When the plan has no such workload, or it cannot be looked what the target has: then nothing was done.
pub fn recover(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    looked: &mut dyn FnMut(&[Workload]),
    told: &mut dyn FnMut(&str),
) -> Result<Report, Stop> {
    let instances = wanted(plan, &request.copies)?;
    let mut workloads = Vec::new();
    for (instance, _) in &instances {
        workloads.push(look(plan, request, instance, system)?);
    }
    looked(&workloads);
    if !request.dry_run {
        for workload in &mut workloads {
            if workload.outcome == Outcome::Waits {
                bring_back(plan, request, workload, system, told);
            }
        }
        for (number, (instance, owner)) in instances.into_iter().enumerate() {
            let missing = used_and_not_back(plan, instance, &workloads);
            if let Some(workload) = workloads.get_mut(number)
                && may_start(workload, &missing)
            {
                let failed = started(plan, request, (instance, owner), system, told);
                let failed = failed.unwrap_or_else(|fault| vec![fault.to_string()]);
                if !failed.is_empty() {
                    workload.outcome = Outcome::Down;
                    workload.because =
                        Some(format!("its units do not come up: {}", failed.join("; ")));
                }
            }
        }
    }
    let is_fine = |one: &Workload| match one.outcome {
        Outcome::Waits | Outcome::Recovered | Outcome::AlreadyRecovered | Outcome::NoVolumes => {
            true
        }
        Outcome::NoCopy => request.allow_missing,
        Outcome::Refused | Outcome::Failed | Outcome::Down => false,
    };
    Ok(Report {
        target: request.target.clone(),
        complete: workloads.iter().all(is_fine),
        workloads,
    })
}

type Owned<'p> = (&'p Instance, Option<&'p UserName>);

/// The copies that were asked for, in the plan's order.
fn wanted<'p>(plan: &'p Plan, asked: &[String]) -> Result<Vec<Owned<'p>>, Stop> {
    for name in asked {
        super::find(plan, name)?;
    }
    let all = plan.workloads.values().flat_map(|workload| {
        let instances = workload.instances.iter();
        instances.map(|instance| (instance, workload.user.as_ref()))
    });
    Ok(all
        .filter(|(instance, _)| asked.is_empty() || asked.contains(&instance.name))
        .collect())
}

fn of_one(request: &Request, copy: &str, what: What) -> super::Request {
    super::Request {
        copy: copy.to_owned(),
        asked: Asked {
            at: request.at.clone(),
            from: Some(request.target.clone()),
            ..Asked::default()
        },
        what,
        ..request.each.clone()
    }
}

fn look(
    plan: &Plan,
    request: &Request,
    instance: &Instance,
    system: &dyn System,
) -> Result<Workload, Stop> {
    let replace_fresh = request.replace_fresh;
    let one = of_one(request, &instance.name, What::Prospect { replace_fresh });
    let (outcome, prospect, because) = match restore(plan, &one, system, &mut |_| ()) {
        Ok(report) => {
            let outcome = match report.prospect.as_ref().map(|found| found.state) {
                Some(State::Waits | State::Begun) => Outcome::Waits,
                Some(State::Recovered) => Outcome::AlreadyRecovered,
                Some(State::NoVolumes) => Outcome::NoVolumes,
                Some(State::NoCopy) | None => Outcome::NoCopy,
            };
            (outcome, report.prospect, None)
        }
        Err(Stop::Refused(because)) => (Outcome::Refused, None, Some(because)),
        Err(fault) => return Err(fault),
    };
    Ok(Workload {
        copy: instance.name.clone(),
        outcome,
        prospect,
        because,
        notes: Vec::new(),
    })
}

fn bring_back(
    plan: &Plan,
    request: &Request,
    workload: &mut Workload,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) {
    let replace_fresh = request.replace_fresh;
    let one = of_one(request, &workload.copy, What::Recover { replace_fresh });
    match restore(plan, &one, system, told) {
        Ok(report) => {
            workload.outcome = Outcome::Recovered;
            workload.notes = report.notes;
        }
        Err(stop) => {
            let (outcome, because) = match stop {
                Stop::Refused(because) => (Outcome::Refused, because),
                Stop::Fault(fault) => (Outcome::Failed, fault.to_string()),
            };
            told(&format!("{} is not back: {because}", workload.copy));
            (workload.outcome, workload.because) = (outcome, Some(because));
        }
    }
}

/// Whether its units are started: it is back, and so is all that it uses.
fn may_start(workload: &mut Workload, missing: &BTreeSet<String>) -> bool {
    if !workload.outcome.is_back() {
        return false;
    }
    if missing.is_empty() {
        return true;
    }
    let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
    workload.notes.push(format!(
        "its units are not started: they use volumes of {}, which is not back",
        missing.join(", ")
    ));
    false
}

/// Starts what a boot would start of one, and returns what does not come up.
fn started(
    plan: &Plan,
    request: &Request,
    (instance, owner): Owned<'_>,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Vec<String>, Fault> {
    let down = units::down(system, instance, owner)?;
    if down.is_empty() {
        return Ok(Vec::new());
    }
    let shown: Vec<String> = down.iter().map(Unit::shown).collect();
    told(&format!("starting {}", shown.join(", ")));
    let failed = units::start(system, &down)?;
    if !failed.is_empty() {
        return Ok(failed);
    }
    health::wait(system, plan, &down, request.each.wait_seconds)
}

/// Those of the others whose volumes its containers mount, and that this run was to bring back and did not.
fn used_and_not_back(plan: &Plan, instance: &Instance, workloads: &[Workload]) -> BTreeSet<String> {
    let containers = instance.containers.values();
    let used: BTreeSet<&str> = containers
        .flat_map(|container| container.uses.values())
        .map(|used| used.host_path.as_str())
        .collect();
    let others = plan.workloads.values().flat_map(|one| &one.instances);
    let of_them = others.filter(|other| {
        let mut volumes = other.volumes.values();
        volumes.any(|volume| used.contains(volume.host_path.as_str()))
    });
    let is_missing = |name: &&str| {
        let mut all = workloads.iter();
        all.any(|one| {
            one.copy == *name && matches!(one.outcome, Outcome::Refused | Outcome::Failed)
        })
    };
    of_them
        .map(|other| other.name.as_str())
        .filter(is_missing)
        .map(str::to_owned)
        .collect()
}
