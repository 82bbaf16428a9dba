//! Who snapshots what, when, for how long, and what nobody snapshots.

use std::collections::{BTreeMap, BTreeSet};

use podman_btrfs_core::plan::{Job, Plan, Taker};
use podman_btrfs_core::spec::Keep;
use podman_btrfs_core::units::Duration;

use super::markdown::{Document, code, prose};

pub(super) fn write(document: &mut Document, plan: &Plan) {
    let protection = &plan.protection;
    if !protection.jobs.is_empty() {
        document.heading(2, "Snapshots");
        for job in &protection.jobs {
            write_job(document, job);
        }
    }
    let dumps: Vec<String> = dumps(plan).collect();
    if !dumps.is_empty() {
        document.heading(2, "Dumps");
        document.list(dumps);
    }
    if !protection.unprotected.is_empty() {
        document.heading(2, "Not protected");
        document.list(protection.unprotected.iter().map(|volume| {
            format!(
                "**{}/{}**: {}",
                prose(volume.workload.as_str()),
                prose(volume.volume.as_str()),
                prose(&volume.reason)
            )
        }));
    }
}

/// What is dumped before each snapshot.
fn dumps(plan: &Plan) -> impl Iterator<Item = String> + '_ {
    let copies = plan.workloads.values().flat_map(|one| &one.instances);
    let groups = copies.filter_map(|copy| Some((copy, copy.protection.as_ref()?)));
    groups.flat_map(|(copy, group)| {
        group.dumps.iter().map(|dump| {
            format!(
                "**{}**: {} in {}, before each snapshot, into {} (volume {})",
                prose(&copy.name),
                dump.engine.name(),
                prose(dump.container.as_str()),
                code(dump.directory.as_str()),
                prose(dump.volume.as_str())
            )
        })
    })
}

fn write_job(document: &mut Document, job: &Job) {
    document.heading(3, &prose(&job.name));
    let mut items = vec![
        format!(
            "{}, policy {}, filesystem {}",
            job.tool.name(),
            prose(job.policy.as_str()),
            prose(job.filesystem.as_str())
        ),
        format!(
            "runs {}, at most {} apart",
            code(&job.schedule.on_calendar),
            Duration::from_seconds(job.schedule.interval_seconds)
        ),
        format!(
            "keeps on this host: {}",
            kept(&job.keep, job.keep_all_hours)
        ),
    ];
    if let Some(spread) = job.spread {
        items.push(format!(
            "in runs of at most {} subvolumes, each within {} of its time and always by the same delay",
            spread.subvolumes,
            Duration::from_seconds(spread.seconds)
        ));
    }
    items.extend(groups(job));
    if job.targets.is_empty() {
        items.push("no copy leaves this filesystem".to_owned());
    }
    for (name, target) in &job.targets {
        items.push(format!(
            "copies to {} ({}){}, which keeps: {}",
            prose(name.as_str()),
            code(target.url.as_str()),
            match &target.encryption {
                Some(encryption) => format!(
                    ", each whole and encrypted for {}",
                    code(encryption.recipient.as_str())
                ),
                None => String::new(),
            },
            kept(&target.keep, 0)
        ));
    }
    items.push(format!("takes {}", subvolumes(job)));
    document.list(items);
}

fn kept(keep: &Keep, all_hours: u32) -> String {
    let mut parts = Vec::new();
    if all_hours > 0 {
        parts.push(format!("all of {}", plural(all_hours, "hour")));
    }
    for (count, unit, adjective) in [
        (keep.hourly, "hour", "hourly"),
        (keep.daily, "day", "daily"),
        (keep.weekly, "week", "weekly"),
        (keep.monthly, "month", "monthly"),
        (keep.yearly, "year", "yearly"),
    ] {
        if let Some(count) = count.filter(|count| *count > 0) {
            parts.push(format!("{adjective} for {}", plural(count, unit)));
        }
    }
    if parts.is_empty() {
        "the newest only".to_owned()
    } else {
        parts.join(", ")
    }
}

/// The workloads whose groups we take.
fn groups(job: &Job) -> Option<String> {
    let ours = job.subvolumes.iter();
    let ours = ours.filter(|one| one.taken_by == Taker::PodmanBtrfs);
    let names: BTreeSet<&str> = ours.map(|one| one.workload.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let names: Vec<String> = names.into_iter().map(prose).collect();
    Some(format!(
        "podman-btrfs takes the groups of {}; {} prunes and sends them",
        names.join(", "),
        job.tool.name()
    ))
}

fn plural(count: u32, unit: &str) -> String {
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}

/// The subvolumes by workload; of several the first is shown, with their number.
fn subvolumes(job: &Job) -> String {
    let mut by_workload: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for subvolume in &job.subvolumes {
        by_workload
            .entry(subvolume.workload.as_str())
            .or_default()
            .push(subvolume.path.as_str());
    }
    by_workload
        .iter()
        .map(|(workload, paths)| {
            let first = paths.first().map_or_else(String::new, |path| code(path));
            match paths.len() {
                0 | 1 => format!("{first} ({})", prose(workload)),
                count => format!("{first} and {} more ({})", count - 1, prose(workload)),
            }
        })
        .collect::<Vec<_>>()
        .join(", ")
}
