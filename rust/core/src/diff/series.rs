//! Which data is snapshotted by whom, whatever the jobs are called.

use std::collections::BTreeMap;

use super::Difference;
use super::change::{Change, Sides};
use super::identity::Identity;
use super::kind::Kind;
use super::protection::jobs;
use super::retention::{gone, shortened};
use crate::plan::{Job, JobSubvolume, Plan, Subject};

/// Filesystem and name of a series of snapshots, and the job that takes it.
pub(super) type Takers<'p> = BTreeMap<(String, String), &'p Job>;

/// Which job takes which series, under the names that `identity` gives.
pub(super) fn takers<'p>(plan: &'p Plan, identity: &Identity) -> Takers<'p> {
    let mut takers = BTreeMap::new();
    for job in &plan.protection.jobs {
        let filesystem = identity.filesystem(job.filesystem.as_str());
        for taken in &job.subvolumes {
            let series = identity.series(taken.workload.as_str(), &taken.name);
            takers.insert((filesystem.clone(), series), job);
        }
    }
    takers
}

/// Whose snapshots these are.
fn subject_of_series(taken: &JobSubvolume, sides: &Sides) -> Subject {
    let workload = sides
        .identity
        .new_name("workloads", taken.workload.as_str());
    match taken.name.split_once('+') {
        Some((_, volume)) => Subject::Volume(workload, volume.to_owned()),
        None => Subject::Workload(workload),
    }
}

/// A job that only one of the plans has.
pub(super) fn whole_job(change: &Change, sides: &Sides) -> Vec<Difference> {
    let (old, new) = jobs(change, sides);
    let taken = |job: &Job, is_old| -> Vec<Difference> {
        job.subvolumes
            .iter()
            .flat_map(|taken| series(change, sides, job, taken, is_old))
            .collect()
    };
    match (old, new) {
        (Some(old), None) => taken(old, true),
        (None, Some(new)) => taken(new, false),
        _ => Vec::new(),
    }
}

/// What a job takes in one of the plans only.
pub(super) fn series_of_job(change: &Change, sides: &Sides) -> Vec<Difference> {
    let is_old = change.old.is_some();
    let (old, new) = jobs(change, sides);
    let value = if is_old { &change.old } else { &change.new };
    let taken = value
        .clone()
        .and_then(|value| serde_json::from_value::<JobSubvolume>(value).ok());
    match (if is_old { old } else { new }, taken) {
        (Some(job), Some(taken)) => series(change, sides, job, &taken, is_old),
        _ => Vec::new(),
    }
}

/// A series that a job of only one of the plans takes.
fn series(
    change: &Change,
    sides: &Sides,
    job: &Job,
    taken: &JobSubvolume,
    is_old: bool,
) -> Vec<Difference> {
    let filesystem = sides.identity.filesystem(job.filesystem.as_str());
    let name = if is_old {
        sides.identity.series(taken.workload.as_str(), &taken.name)
    } else {
        taken.name.clone()
    };
    let takers = if is_old {
        &sides.new_takers
    } else {
        &sides.old_takers
    };
    let other = takers.get(&(filesystem, name)).copied();
    let subject = subject_of_series(taken, sides);
    match (is_old, other) {
        (true, Some(after)) => policy_changed(change, &subject, job, after),
        // Told from the old plan's side.
        (false, Some(_)) => Vec::new(),
        (true, None) if is_told_elsewhere(&subject, taken, sides) => Vec::new(),
        (true, None) => bare(change.told(
            Kind::SnapshotsStop,
            subject,
            "protection",
            format!("no snapshot of it is taken any more; those that exist below {} stay, and nothing prunes them", job.snapshot_directory),
            "give it a policy, or make sure that its data can be had again in another way",
        )),
        (false, None) if is_new(&subject, sides) => Vec::new(),
        (false, None) => bare(change.told(
            Kind::SnapshotsBegin,
            subject,
            "protection",
            format!("it is snapshotted by {}, {}", job.tool.name(), job.schedule.on_calendar),
            "",
        )),
    }
}

fn bare(mut told: Vec<Difference>) -> Vec<Difference> {
    for difference in &mut told {
        (difference.old, difference.new) = (None, None);
    }
    told
}

/// True where the workload, the copy or the volume is told to be gone, or left out of the snapshots.
fn is_told_elsewhere(subject: &Subject, taken: &JobSubvolume, sides: &Sides) -> bool {
    let (Subject::Workload(workload) | Subject::Volume(workload, _)) = subject else {
        return false;
    };
    let Some((_, after)) = sides
        .new
        .workloads
        .iter()
        .find(|(name, _)| name.as_str() == workload)
    else {
        return true;
    };
    let instance = taken
        .name
        .split_once('+')
        .map_or(taken.name.as_str(), |(instance, _)| instance);
    let renamed = sides.identity.series(taken.workload.as_str(), instance);
    let Some(copy) = after.instances.iter().find(|copy| copy.name == renamed) else {
        return true;
    };
    match subject {
        Subject::Volume(_, volume) => copy
            .volumes
            .iter()
            .find(|(name, _)| name.as_str() == volume)
            .is_none_or(|(_, volume)| !volume.snapshot || !copy.group.is_empty()),
        // A group that lost its last volume, or whose volumes have subvolumes of their own now.
        Subject::Workload(_)
        | Subject::Filesystem(_)
        | Subject::Host
        | Subject::Engine
        | Subject::Policy(_) => {
            !copy.group.is_empty() || copy.volumes.values().all(|volume| !volume.snapshot)
        }
    }
}

/// True for what the old plan does not have at all.
fn is_new(subject: &Subject, sides: &Sides) -> bool {
    let (Subject::Workload(workload) | Subject::Volume(workload, _)) = subject else {
        return false;
    };
    let old = sides.identity.old_workload(workload).unwrap_or(workload);
    let before = sides
        .old
        .workloads
        .iter()
        .find(|(name, _)| name.as_str() == old);
    before.is_none_or(|(_, before)| before.instances.iter().any(|copy| !copy.group.is_empty()))
}

fn policy_changed(change: &Change, subject: &Subject, old: &Job, new: &Job) -> Vec<Difference> {
    let with_policies = |mut told: Vec<Difference>| {
        for difference in &mut told {
            difference.old = Some(old.policy.to_string().into());
            difference.new = Some(new.policy.to_string().into());
        }
        told
    };
    if old.policy == new.policy {
        return Vec::new();
    }
    let mut told = with_policies(change.told(
        Kind::PolicyChanged,
        subject.clone(),
        "policy",
        format!(
            "snapshots are taken by {}, {}, and kept as {} says",
            new.tool.name(),
            new.schedule.on_calendar,
            new.policy
        ),
        "",
    ));
    if old.tool != new.tool {
        told.extend(with_policies(change.told(
            Kind::ToolChanged,
            subject.clone(),
            "policy",
            format!(
                "{} takes the snapshots instead of {}, which then prunes nothing any more",
                new.tool.name(),
                old.tool.name()
            ),
            format!(
                "delete the snapshots of {} by hand when they are old enough",
                old.tool.name()
            ),
        )));
        return told;
    }
    let fewer = shortened(&old.keep, &new.keep);
    if !fewer.is_empty() {
        told.extend(with_policies(change.told(
            Kind::RetentionShortened,
            subject.clone(),
            "policy",
            format!("the next run deletes {}", gone(&fewer, 1)),
            "copy what must not go before the switch",
        )));
    }
    for name in old
        .targets
        .keys()
        .filter(|name| !new.targets.contains_key(name))
    {
        told.extend(with_policies(change.told(
            Kind::CopiesStop,
            subject.clone(),
            &format!("targets.{name}"),
            format!("no further copy of it goes to {name}; those that are there stay, and nothing prunes them"),
            "make sure that the new policy's targets are enough",
        )));
    }
    told
}
