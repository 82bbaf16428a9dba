//! The models that a plan rests on, asked directly: how checks compare them with the real tools.

use std::io::Read as _;

use podman_btrfs_core::clock::{Calendar, Zone};
use podman_btrfs_core::retention::{Held, Retention};
use podman_btrfs_core::space;
use podman_btrfs_core::spec::{Keep, Profile, SnapshotTool};
use podman_btrfs_core::units::TimeZoneName;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Status;
use crate::fault::Fault;
use crate::output::Output;

/// One question, a JSON document on standard input.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Question {
    /// When a timer runs.
    Runs {
        on_calendar: String,
        time_zone: TimeZoneName,
        from: i64,
        to: i64,
    },
    /// What is left each time that snapshots are thinned.
    Kept {
        tool: SnapshotTool,
        keep: Keep,
        keep_all_hours: u32,
        time_zone: TimeZoneName,
        taken: Vec<i64>,
        thinned: Vec<i64>,
    },
    /// What disks hold.
    Capacity {
        sizes: Vec<u64>,
        data: Profile,
        metadata: Profile,
        metadata_per_thousand: u64,
    },
}

pub(super) fn run(output: &mut Output) -> Result<Status, Fault> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let answer = match serde_json::from_str(&text)? {
        Question::Runs {
            on_calendar,
            time_zone,
            from,
            to,
        } => Calendar::parse(&on_calendar)
            .zip(Zone::named(&time_zone))
            .map_or(Value::Null, |(calendar, zone)| {
                json!(calendar.runs(&zone, from, to))
            }),
        Question::Kept {
            tool,
            keep,
            keep_all_hours,
            time_zone,
            taken,
            thinned,
        } => Zone::named(&time_zone).map_or(Value::Null, |zone| {
            let retention = Retention::of(tool, &keep, keep_all_hours);
            json!(kept(&retention, &zone, &taken, &thinned))
        }),
        Question::Capacity {
            sizes,
            data,
            metadata,
            metadata_per_thousand,
        } => {
            let space = space::fill(&sizes, data, metadata, metadata_per_thousand);
            json!({"data": space.data, "metadata": space.metadata, "unallocated": space.unallocated})
        }
    };
    output.say(&(serde_json::to_string(&answer)? + "\n"))?;
    Ok(Status::Fine)
}

/// What is there after each thinning; of a snapshot and a thinning at one moment the snapshot is first.
fn kept(retention: &Retention, zone: &Zone, taken: &[i64], thinned: &[i64]) -> Vec<Vec<i64>> {
    let mut held = Held::default();
    let mut taken = taken.iter().peekable();
    thinned
        .iter()
        .map(|now| {
            while let Some(at) = taken.next_if(|at| *at <= now) {
                held.take(zone.wall(*at));
            }
            held.thin(retention, &zone.wall(*now));
            held.snapshots().iter().map(|one| one.epoch).collect()
        })
        .collect()
}
