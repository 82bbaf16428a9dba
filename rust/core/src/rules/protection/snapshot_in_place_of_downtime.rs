#![doc = include_str!("snapshot_in_place_of_downtime.md")]

use crate::analysis::existing::DataToday;
use crate::analysis::{Facts, WorkloadFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::{BackupMethod, FilesystemType, Media};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB623",
    name: "snapshot-in-place-of-downtime",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "a workload that is stopped for as long as its data is copied",
    page: include_str!("snapshot_in_place_of_downtime.md"),
    proofs: &["snapshot-takes-no-longer-for-more-data"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .workloads
        .iter()
        .filter(|workload| {
            let backup = workload.declared.existing.backup;
            backup.is_some_and(|backup| backup.method == BackupMethod::StopAndCopy)
        })
        .filter(|workload| !workload.volumes.is_empty())
        .map(|workload| Found {
            at: workload.at().key("existing").key("backup"),
            message: format!(
                "{} is stopped while {}; {}",
                workload.name,
                where_it_lies(facts, workload),
                downtime(facts, workload)
            ),
            help: "as volumes of the plan one snapshot takes its place: the workload is stopped or frozen for a moment, and the copy is made from the snapshot while it runs".into(),
            related: Vec::new(),
        })
        .collect()
}

fn where_it_lies(facts: &Facts, workload: &WorkloadFacts) -> String {
    let lacking = workload
        .volumes
        .iter()
        .find_map(|volume| match facts.data_today(volume)? {
            DataToday::Elsewhere(kind) if kind.lacks_snapshots() => Some(kind),
            DataToday::Mounted(_) | DataToday::Elsewhere(_) | DataToday::Unknown => None,
        });
    match lacking.map(FilesystemType::name) {
        Some(kind) => format!("its data is copied, as {kind} has no snapshots"),
        None => "its data is copied".to_owned(),
    }
}

/// An estimate and its basis: the declared sizes at the rate of the medium, so the first copy of all.
fn downtime(facts: &Facts, workload: &WorkloadFacts) -> String {
    let unsaid: Vec<&str> = workload
        .volumes
        .iter()
        .filter(|volume| volume.declared.size.is_none())
        .map(|volume| volume.name.as_str())
        .collect();
    let total: u64 = workload
        .volumes
        .iter()
        .filter_map(|volume| volume.declared.size)
        .fold(0, |sum, size| sum.saturating_add(size.bytes()));
    if !unsaid.is_empty() {
        return format!(
            "no estimate of how long: the size of {} is not declared",
            unsaid.join(", ")
        );
    }
    let (rate, medium) = rate(medium_today(facts, workload));
    let seconds = total.div_ceil(rate * 1_000_000).max(1);
    format!(
        "estimate: {} for a copy of all {} at {rate} MB/s, which is assumed of {medium}, and less where only changes are copied",
        spoken(seconds),
        crate::units::ByteSize::from_bytes(total)
    )
}

/// The medium, where all data lies on a declared filesystem that says it.
fn medium_today(facts: &Facts, workload: &WorkloadFacts) -> Option<Media> {
    let mut found = None;
    for volume in &workload.volumes {
        let Some(DataToday::Mounted(mount)) = facts.data_today(volume) else {
            return None;
        };
        let filesystem = facts
            .filesystems
            .iter()
            .find(|filesystem| filesystem.name.as_str() == mount.filesystem)?;
        found = filesystem.declared.media;
    }
    found
}

/// Megabytes a second that one stream of reading and writing on one device is assumed to reach.
const fn rate(medium: Option<Media>) -> (u64, &'static str) {
    match medium {
        Some(Media::Nvme) => (800, "solid state on PCI Express"),
        Some(Media::Ssd) => (250, "solid state on SATA"),
        Some(Media::Hdd) => (80, "a rotating disk"),
        None => (80, "a medium that is not declared"),
    }
}

fn spoken(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}
