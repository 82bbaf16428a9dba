//! `snapshot PLAN WORKLOAD`, `snapshot PLAN --job RUN`

use std::path::PathBuf;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::WorkloadName;
use podman_btrfs_host::group::record::Reason;
use podman_btrfs_host::group::take::{Report, Request, take};
use podman_btrfs_host::group::target::Group;
use podman_btrfs_host::system::RealSystem;

use super::apply::LOCK;
use super::{Status, make_private, plan_of};
use crate::args::{Format, SnapshotArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// This program, whatever its file is called by now (`proc(5)`).
pub(super) const THIS: &str = "/proc/self/exe";

pub(super) fn run(arguments: &SnapshotArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let groups = groups(&plan, arguments)?;
    let directory = &arguments.work.work_directory;
    make_private(directory)?;
    let request = Request {
        work_directory: directory.clone(),
        apply_lock: Some(directory.join(LOCK)),
        images: std::collections::BTreeMap::new(),
        program: PathBuf::from(THIS),
        reason: reason(arguments)?,
        only_changed: arguments.job.is_some() && !arguments.always,
        dry_run: arguments.dry_run,
    };
    several(&plan, &groups, &request, arguments, output)
}

/// One after another; one that fails does not stop the others.
fn several(
    plan: &Plan,
    groups: &[Group],
    request: &Request,
    arguments: &SnapshotArguments,
    output: &mut Output,
) -> Result<Status, Fault> {
    let is_json = arguments.format == Format::Json;
    let (mut values, mut findings, mut failed) = (Vec::new(), false, None);
    let mut failures = 0;
    for group in groups {
        match take(plan, group, request, &RealSystem) {
            Ok(report) => {
                findings |= report.is_finding();
                tell(&report, is_json, &mut values, output)?;
            }
            Err(fault) => {
                failures += 1;
                let text = fault.to_string();
                if is_json {
                    values.push(serde_json::json!({"copy": group.copy, "outcome": "failed", "because": text}));
                } else if groups.len() > 1 {
                    output.warn(&render::snapshot::failed(
                        &group.copy,
                        &text,
                        output.error_style,
                    ))?;
                }
                failed = Some(fault);
            }
        }
    }
    if is_json {
        output.say(&(serde_json::to_string_pretty(&values)? + "\n"))?;
    }
    match failed {
        None => Ok(Status::with_errors(findings)),
        Some(fault) if groups.len() == 1 => Err(fault.into()),
        Some(_) => Err(Fault::SnapshotsFailed { failed: failures }),
    }
}

fn tell(
    report: &Report,
    is_json: bool,
    values: &mut Vec<serde_json::Value>,
    output: &mut Output,
) -> Result<(), Fault> {
    if is_json {
        values.push(serde_json::to_value(report)?);
        return Ok(());
    }
    output.say(&render::snapshot::report(report, output.style))
}

fn reason(arguments: &SnapshotArguments) -> Result<Reason, Fault> {
    if let Some(reason) = &arguments.reason {
        return Ok(reason.clone());
    }
    let word = match arguments.job {
        Some(_) => Reason::SCHEDULE,
        None => Reason::BY_HAND,
    };
    Reason::parse(word).map_err(|why| podman_btrfs_host::system::Fault::Unexpected(why).into())
}

fn groups(plan: &Plan, arguments: &SnapshotArguments) -> Result<Vec<Group>, Fault> {
    if let Some(run) = &arguments.job {
        return Group::of_run(plan, run).ok_or_else(|| Fault::NotInPlan {
            what: "run of a job",
            name: run.clone(),
        });
    }
    let copy = arguments.copy.as_deref().unwrap_or_default();
    let workload = workload_of(plan, copy).ok_or_else(|| Fault::NotInPlan {
        what: "workload",
        name: copy.to_owned(),
    })?;
    let group = Group::of(plan, workload, copy).ok_or_else(|| Fault::NotInPlan {
        what: "volume in the snapshots of",
        name: copy.to_owned(),
    })?;
    Ok(vec![group])
}

fn workload_of<'p>(plan: &'p Plan, copy: &str) -> Option<&'p WorkloadName> {
    let mut workloads = plan.workloads.iter();
    let has_it = |(_, workload): &(&WorkloadName, &podman_btrfs_core::plan::WorkloadPlan)| {
        workload.instances.iter().any(|one| one.name == copy)
    };
    workloads.find(has_it).map(|(name, _)| name)
}
