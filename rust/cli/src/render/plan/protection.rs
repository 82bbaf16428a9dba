//! Who snapshots what, and what nobody snapshots.

use std::collections::BTreeMap;

use podman_btrfs_core::plan::{Job, ProtectionPlan, Taker};
use podman_btrfs_core::units::Duration;

use super::title;
use crate::output::Style;
use crate::render::table::{Table, paragraph};
use crate::render::words::{count, first_of};

/// How many names a line lists.
const SHOWN: usize = 8;

pub(super) fn render(protection: &ProtectionPlan, style: Style) -> String {
    let mut text = String::new();
    if !protection.jobs.is_empty() {
        text += &title("Protection", style);
        let mut table = Table::new(&["Job", "Tool", "When", "Keeps", "Copies to", "Takes"]);
        for job in &protection.jobs {
            table.row(cells(job));
        }
        text += &table.render(2, style);
        text.push('\n');
    }
    text + &unprotected(protection, style)
}

fn cells(job: &Job) -> [String; 6] {
    let targets: Vec<String> = job
        .targets
        .iter()
        .map(|(name, target)| match target.encryption {
            Some(_) => format!("{name}, encrypted ({})", target.keep),
            None => format!("{name} ({})", target.keep),
        })
        .collect();
    [
        job.name.clone(),
        tool(job),
        format!(
            "{}, every {}",
            job.schedule.on_calendar,
            Duration::from_seconds(job.schedule.interval_seconds)
        ),
        format!(
            "all of {}, {}",
            count(job.keep_all_hours as usize, "hour"),
            job.keep
        ),
        if targets.is_empty() {
            "nowhere".to_owned()
        } else {
            targets.join(", ")
        },
        takes(job),
    ]
}

/// Who prunes, and where it is not the same who takes.
fn tool(job: &Job) -> String {
    let ours = job.subvolumes.iter();
    let ours = ours
        .filter(|one| one.taken_by == Taker::PodmanBtrfs)
        .count();
    let tool = job.tool.name();
    match ours {
        0 => tool.to_owned(),
        all if all == job.subvolumes.len() => format!("{tool}, of what podman-btrfs takes"),
        some => format!("{tool}; {some} taken by podman-btrfs"),
    }
}

/// The workloads whose data a job takes, and how many subvolumes that are.
fn takes(job: &Job) -> String {
    let mut workloads: Vec<String> = job
        .subvolumes
        .iter()
        .map(|subvolume| subvolume.workload.to_string())
        .collect();
    workloads.dedup();
    workloads.sort();
    workloads.dedup();
    let names = first_of(&workloads, SHOWN);
    if workloads.len() == job.subvolumes.len() {
        names
    } else {
        format!("{names} ({})", count(job.subvolumes.len(), "subvolume"))
    }
}

/// Volumes in no snapshot, by reason.
fn unprotected(protection: &ProtectionPlan, style: Style) -> String {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for volume in &protection.unprotected {
        let names = by_reason.entry(&volume.reason).or_default();
        names.push(format!("{}/{}", volume.workload, volume.volume));
    }
    if by_reason.is_empty() {
        return String::new();
    }
    let mut text = title("Not protected", style);
    for (reason, names) in by_reason {
        text += &paragraph(&first_of(&names, SHOWN), 2, style);
        text += &paragraph(reason, 6, style);
    }
    text + "\n"
}
