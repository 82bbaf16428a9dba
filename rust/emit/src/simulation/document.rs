//! `simulation.json`.

use std::collections::BTreeMap;

use podman_btrfs_core::simulate::{FilesystemYear, JobYear, Simulation};
use serde::Serialize;

use super::months;
use crate::EmitError;

/// The whole document. Bytes and counts are those at the end of a month's last simulated day.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'s> {
    begin: String,
    days: u32,
    time_zone: &'s str,
    time_zone_known: bool,
    filesystems: BTreeMap<&'s str, Filesystem<'s>>,
    jobs: BTreeMap<&'s str, Job>,
    events: Vec<Event>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Filesystem<'s> {
    usable_bytes: Option<u64>,
    reserve_bytes: Option<u64>,
    /// The first day, from 1, on which more is held than fits beside the reserve.
    full_on_day: Option<u32>,
    not_said: Vec<String>,
    months: Vec<FilesystemMonth>,
    volumes: BTreeMap<&'s str, Vec<VolumeMonth>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilesystemMonth {
    month: String,
    volume_bytes: u64,
    snapshot_bytes: u64,
    snapshots: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VolumeMonth {
    month: String,
    bytes: u64,
    snapshot_bytes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    tool: &'static str,
    subvolumes: u64,
    longest_gap_seconds: i64,
    longest_gap_begins: String,
    /// Of each subvolume.
    months: Vec<JobMonth>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JobMonth {
    month: String,
    taken: u32,
    removed: u32,
    kept: u32,
    most_kept: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    day: u32,
    date: String,
    what: String,
}

/// The document as text.
pub fn document(simulation: &Simulation) -> Result<String, EmitError> {
    let months = months(simulation);
    let filesystems = simulation.filesystems.iter();
    let jobs = simulation.jobs.iter();
    let document = Document {
        begin: simulation.span.begin.to_string(),
        days: simulation.span.days,
        time_zone: &simulation.zone_name,
        time_zone_known: simulation.zone_known,
        filesystems: filesystems
            .map(|one| (one.name.as_str(), filesystem(one, &months)))
            .collect(),
        jobs: jobs
            .map(|one| (one.name.as_str(), job(simulation, one, &months)))
            .collect(),
        events: simulation
            .events()
            .into_iter()
            .map(|event| Event {
                day: event.day + 1,
                date: event.date,
                what: event.what,
            })
            .collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn at(of_day: &[u64], day: u32) -> u64 {
    of_day.get(day as usize).copied().unwrap_or(0)
}

fn filesystem<'s>(year: &'s FilesystemYear, months: &[(u32, String)]) -> Filesystem<'s> {
    let volumes = year.heaviest.iter().map(|(name, live, held)| {
        let of_month = |(day, month): &(u32, String)| VolumeMonth {
            month: month.clone(),
            bytes: at(live, *day),
            snapshot_bytes: at(held, *day),
        };
        (name.as_str(), months.iter().map(of_month).collect())
    });
    Filesystem {
        usable_bytes: year.room.map(|room| room.usable),
        reserve_bytes: year.room.map(|room| room.reserve),
        full_on_day: year.fill.as_ref().map(|fill| fill.day + 1),
        not_said: year.unknown.iter().map(ToString::to_string).collect(),
        months: months
            .iter()
            .map(|(day, month)| FilesystemMonth {
                month: month.clone(),
                volume_bytes: at(&year.live, *day),
                snapshot_bytes: at(&year.snapshots, *day),
                snapshots: at(&year.count, *day),
            })
            .collect(),
        volumes: volumes.collect(),
    }
}

fn job(simulation: &Simulation, year: &JobYear, months: &[(u32, String)]) -> Job {
    let timeline = &year.timeline;
    let mut begins = 0_usize;
    let of_month = |(day, month): &(u32, String)| {
        let ends = *day as usize + 1;
        let days = timeline.days.get(begins..ends).unwrap_or_default();
        begins = ends;
        JobMonth {
            month: month.clone(),
            taken: days.iter().map(|day| day.taken).sum(),
            removed: days.iter().map(|day| day.pruned).sum(),
            kept: days.last().map_or(0, |day| day.kept),
            most_kept: days.iter().map(|day| day.kept).max().unwrap_or(0),
        }
    };
    Job {
        tool: year.tool.name(),
        subvolumes: year.subvolumes,
        longest_gap_seconds: timeline.longest_gap,
        longest_gap_begins: simulation.zone.date(timeline.longest_gap_at).to_string(),
        months: months.iter().map(of_month).collect(),
    }
}
