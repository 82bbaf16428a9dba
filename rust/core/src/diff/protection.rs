//! Snapshots, retention and copies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::identity::Identity;
use super::kind::Kind;
use super::retention::{gone, runs_within, shortened};
use crate::plan::{Job, JobSubvolume, JobTarget, Plan, Subject};
use crate::units::Duration;

const OWN: &str = "it is what jobs and their subvolumes are told apart by";
const BY_SERIES: &str = "what is taken and what not is told";

pub(super) const CLAIMS: &[Claim] = &[
    by("protection.jobs.*", whole_job),
    follows("protection.jobs.*.name", OWN),
    by("protection.jobs.*.tool", tool),
    follows("protection.jobs.*.policy", OWN),
    follows("protection.jobs.*.filesystem", OWN),
    follows(
        "protection.jobs.*.volumeDirectory",
        "the filesystem's mount point is told",
    ),
    by("protection.jobs.*.snapshotDirectory", snapshot_directory),
    by("protection.jobs.*.schedule.onCalendar", schedule),
    follows(
        "protection.jobs.*.schedule.intervalSeconds",
        "the calendar expression is told",
    ),
    by("protection.jobs.*.keep.hourly", keep),
    by("protection.jobs.*.keep.daily", keep),
    by("protection.jobs.*.keep.weekly", keep),
    by("protection.jobs.*.keep.monthly", keep),
    by("protection.jobs.*.keep.yearly", keep),
    by("protection.jobs.*.keepAllHours", keep_all),
    by("protection.jobs.*.subvolumes.*", series_of_job),
    follows("protection.jobs.*.subvolumes.*.path", BY_SERIES),
    follows("protection.jobs.*.subvolumes.*.hostPath", BY_SERIES),
    follows("protection.jobs.*.subvolumes.*.name", OWN),
    follows("protection.jobs.*.subvolumes.*.workload", OWN),
    by("protection.jobs.*.targets.*", target),
    by("protection.jobs.*.targets.*.url", target_moved),
    by("protection.jobs.*.targets.*.keep.hourly", target_keep),
    by("protection.jobs.*.targets.*.keep.daily", target_keep),
    by("protection.jobs.*.targets.*.keep.weekly", target_keep),
    by("protection.jobs.*.targets.*.keep.monthly", target_keep),
    by("protection.jobs.*.targets.*.keep.yearly", target_keep),
    follows("protection.unprotected", BY_SERIES),
];

/// The job of a change in the old plan and in the new one.
fn jobs<'p>(change: &Change, sides: &Sides<'p>) -> (Option<&'p Job>, Option<&'p Job>) {
    let wanted = change.name(0);
    let old = sides.old.protection.jobs.iter().find(|job| {
        let filesystem = sides.identity.filesystem(job.filesystem.as_str());
        format!("{}-{filesystem}", job.policy) == wanted
    });
    let new = sides
        .new
        .protection
        .jobs
        .iter()
        .find(|job| job.name == wanted);
    (old, new)
}

/// The policy of a change, and the filesystem where the policy has jobs on several.
fn subject(change: &Change, sides: &Sides) -> Subject {
    let (old, new) = jobs(change, sides);
    let policy = new
        .or(old)
        .map_or_else(String::new, |job| job.policy.to_string());
    Subject::Policy(policy)
}

/// The field with the filesystem, where a policy has jobs on several.
fn field(change: &Change, sides: &Sides, name: &str) -> String {
    let (old, new) = jobs(change, sides);
    let Some(job) = new.or(old) else {
        return name.to_owned();
    };
    let same = |plan: &Plan| {
        plan.protection
            .jobs
            .iter()
            .filter(|other| other.policy == job.policy)
            .count()
    };
    if same(sides.new).max(same(sides.old)) > 1 {
        format!("{name} on {}", job.filesystem)
    } else {
        name.to_owned()
    }
}

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

fn whole_job(change: &Change, sides: &Sides) -> Vec<Difference> {
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

fn series_of_job(change: &Change, sides: &Sides) -> Vec<Difference> {
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
        Subject::Workload(_) | Subject::Filesystem(_) | Subject::Engine | Subject::Policy(_) => {
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

fn tool(change: &Change, sides: &Sides) -> Vec<Difference> {
    let (old, new) = (change.old_text(), change.new_text());
    change.told(
        Kind::ToolChanged,
        subject(change, sides),
        &field(change, sides, "tool"),
        format!(
            "{new} begins a series of its own; the snapshots of {old} stay, and nothing prunes them"
        ),
        format!("delete the snapshots of {old} by hand when they are old enough"),
    )
}

fn snapshot_directory(change: &Change, sides: &Sides) -> Vec<Difference> {
    let (old, new) = jobs(change, sides);
    let moved_along = old.zip(new).is_some_and(|(old, new)| {
        let below = |job: &Job| {
            job.snapshot_directory
                .to_string()
                .strip_prefix(&job.volume_directory.to_string())
                .map(str::to_owned)
        };
        old.volume_directory != new.volume_directory && below(old) == below(new)
    });
    if moved_along {
        return Vec::new();
    }
    change.told(
        Kind::SnapshotsMoved,
        subject(change, sides),
        &field(change, sides, "snapshotDirectory"),
        "the snapshots that exist are not found there: they are neither pruned nor the base of the next copy, which sends everything",
        "move them with the timer stopped",
    )
}

fn schedule(change: &Change, sides: &Sides) -> Vec<Difference> {
    let interval = |job: Option<&Job>| job.map_or(0, |job| job.schedule.interval_seconds);
    let (old, new) = jobs(change, sides);
    let (before, after) = (interval(old), interval(new));
    let compared = match after.cmp(&before) {
        std::cmp::Ordering::Greater => "more may be lost",
        std::cmp::Ordering::Less => "less may be lost",
        std::cmp::Ordering::Equal => "as much may be lost as before",
    };
    let happens = format!(
        "a snapshot every {} instead of every {}: {compared}",
        Duration::from_seconds(after),
        Duration::from_seconds(before)
    );
    change.told(
        Kind::ScheduleChanged,
        subject(change, sides),
        &field(change, sides, "schedule"),
        happens,
        "",
    )
}

/// How many series a job takes in both plans.
fn common(old: &Job, new: &Job, sides: &Sides) -> usize {
    let names =
        |job: &Job| -> Vec<String> { job.subvolumes.iter().map(|it| it.name.clone()).collect() };
    let new = names(new);
    old.subvolumes
        .iter()
        .filter(|taken| new.contains(&sides.identity.series(taken.workload.as_str(), &taken.name)))
        .count()
}

fn keep(change: &Change, sides: &Sides) -> Vec<Difference> {
    let bucket = change.field();
    let field = field(change, sides, &format!("keep.{bucket}"));
    let subject = subject(change, sides);
    let (Some(old), Some(new)) = jobs(change, sides) else {
        return Vec::new();
    };
    let fewer: Vec<_> = shortened(&old.keep, &new.keep)
        .into_iter()
        .filter(|it| it.bucket == bucket)
        .collect();
    if fewer.is_empty() {
        let happens = "more are kept from now on; the disk holds what they hold for longer";
        return change.told(Kind::RetentionExtended, subject, &field, happens, "");
    }
    // The other tool prunes nothing of what this one took.
    if old.tool != new.tool {
        return change.told(
            Kind::SettingChanged,
            subject,
            &field,
            "the new tool's series is kept so",
            "",
        );
    }
    change.told(
        Kind::RetentionShortened,
        subject,
        &field,
        format!(
            "the next run of {} deletes {}",
            new.tool.name(),
            gone(&fewer, common(old, new, sides))
        ),
        "copy what must not go before the switch",
    )
}

fn keep_all(change: &Change, sides: &Sides) -> Vec<Difference> {
    let (Some(old), Some(new)) = jobs(change, sides) else {
        return Vec::new();
    };
    let subject = subject(change, sides);
    let field = field(change, sides, "keepAllHours");
    if old.schedule != new.schedule {
        let happens = "it follows the schedule: the newest two snapshots are kept, whatever the retention says";
        return change.told(Kind::SettingChanged, subject, &field, happens, "");
    }
    if new.keep_all_hours >= old.keep_all_hours || old.tool != new.tool {
        let happens = "all snapshots of that long are kept, before retention thins them";
        return change.told(Kind::RetentionExtended, subject, &field, happens, "");
    }
    let happens = format!(
        "of the newest {} snapshots of each subvolume, the next run thins out what is older than {}h",
        runs_within(old),
        new.keep_all_hours
    );
    change.told(Kind::RetentionShortened, subject, &field, happens, "")
}

fn target(change: &Change, sides: &Sides) -> Vec<Difference> {
    let subject = subject(change, sides);
    let field = field(change, sides, &format!("targets.{}", change.name(1)));
    let url = |value: &Option<Value>| Change::text(value.as_ref().and_then(|it| it.get("url")));
    if change.old.is_none() {
        let happens = format!(
            "the next run sends everything to {}, and later runs what changed",
            url(&change.new)
        );
        change.told(Kind::CopiesBegin, subject, &field, happens, "")
    } else {
        let happens = format!(
            "no further copy goes to {}; those that are there stay, and nothing prunes them",
            url(&change.old)
        );
        change.told(
            Kind::CopiesStop,
            subject,
            &field,
            happens,
            "make sure that what is left survives the loss of this host",
        )
    }
}

fn target_moved(change: &Change, sides: &Sides) -> Vec<Difference> {
    change.told(
        Kind::TargetMoved,
        subject(change, sides),
        &field(change, sides, &format!("targets.{}.url", change.name(1))),
        "the next run sends everything to the new place; the copies at the old one stay, and nothing prunes them",
        "send the copies on with their history, where it is needed",
    )
}

fn target_keep(change: &Change, sides: &Sides) -> Vec<Difference> {
    let bucket = change.field();
    let subject = subject(change, sides);
    let field = field(
        change,
        sides,
        &format!("targets.{}.keep.{bucket}", change.name(1)),
    );
    let (Some(old), Some(new)) = jobs(change, sides) else {
        return Vec::new();
    };
    let of = |job: &Job| {
        let found = job
            .targets
            .iter()
            .find(|(name, _)| name.as_str() == change.name(1));
        found.map(|(_, JobTarget { keep, .. })| *keep)
    };
    let (before, after) = (of(old).unwrap_or_default(), of(new).unwrap_or_default());
    let fewer: Vec<_> = shortened(&before, &after)
        .into_iter()
        .filter(|it| it.bucket == bucket)
        .collect();
    if fewer.is_empty() {
        return change.told(
            Kind::RetentionExtended,
            subject,
            &field,
            "more copies are kept there",
            "",
        );
    }
    let happens = format!(
        "the next run deletes copies there: {}",
        gone(&fewer, common(old, new, sides))
    );
    change.told(
        Kind::CopiesShortened,
        subject,
        &field,
        happens,
        "keep elsewhere what must not go",
    )
}
