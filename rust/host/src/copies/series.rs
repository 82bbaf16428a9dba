//! One series at one target.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;
use podman_btrfs_core::observed::ObservedSubvolume;
use podman_btrfs_core::plan::{Job, JobSubvolume};
use serde::Serialize;

use super::{Here, of_series};
use crate::observe::snapshot_names;
use crate::remote::{self, Lack, RemoteSnapshot};
use crate::system::System;

/// What of a series lies at a target.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesReport {
    /// Its name.
    pub series: String,
    /// Whose data it holds.
    pub workload: String,
    /// The job that sends it.
    pub job: String,
    /// How many snapshots lie here.
    pub here: usize,
    /// How many whole copies lie there.
    pub there: usize,
    /// The newest whole copy.
    pub newest: Option<String>,
    /// When that was taken, in seconds since 1970.
    pub newest_taken: Option<u64>,
    /// The oldest whole copy.
    pub oldest: Option<String>,
    /// The newest snapshot that both sides have: what the next send starts from.
    pub parent: Option<String>,
    /// When what lies here began, in seconds since 1970, where that was after all copies there and it continues none of them, and nobody said
    /// that it is meant; `None`: in all other cases.
    pub begun_anew: Option<u64>,
    /// How many snapshots here are newer than the parent.
    pub waiting: usize,
    /// The send that would bring the newest snapshot there; `None`: nothing waits.
    pub next: Option<Next>,
    /// Days of which the target keeps one, and has none.
    pub missing_days: Vec<String>,
    /// What was received only in part.
    pub unfinished: Vec<String>,
    /// How many bytes the files of whole copies take there; `None`: they are subvolumes, which share what they can.
    pub file_bytes: Option<u64>,
}

/// A send that is to come.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Next {
    /// The newest snapshot here.
    pub snapshot: String,
    /// About how many bytes it takes, before any compression; `None`: not known.
    pub bytes: Option<u64>,
    /// Why that is not known.
    pub unknown: Option<String>,
}

/// `whole_each`: no copy is a difference, and one is sent in so many seconds. `born`: when what lies here began, where nobody said that it is
/// meant.
pub(super) fn look(
    system: &dyn System,
    (job, subvolume): (&Job, &JobSubvolume),
    here: &Here,
    list: &[RemoteSnapshot],
    whole_each: Option<u64>,
    born: Option<u64>,
) -> SeriesReport {
    let series = subvolume.name.as_str();
    let begun_anew = born.filter(|born| newest_before(here, list, series, *born).is_some());
    let here = snapshots(here, series);
    let there = of_series(list, series);
    let whole: Vec<&RemoteSnapshot> = there.iter().copied().filter(|one| one.is_whole()).collect();
    let has = |(_, _, one): &&(u64, &String, &ObservedSubvolume)| {
        whole.iter().any(|copy| remote::is_same(one, copy))
    };
    let common = here.iter().rev().find(has);
    let parent = common.filter(|_| whole_each.is_none());
    let waiting = match whole_each {
        None => {
            let sent = common.map_or(0, |(taken, _, _)| *taken);
            here.iter().filter(|(taken, _, _)| *taken > sent).count()
        }
        // Of what is taken within such a time only one is sent.
        Some(period) => {
            let next = whole
                .last()
                .map_or(0, |one| one.taken.saturating_add(period));
            here.iter().filter(|(taken, _, _)| *taken >= next).count()
        }
    };
    let newest = here.last().filter(|_| waiting > 0);
    let directory = Path::new(job.snapshot_directory.as_str());
    SeriesReport {
        series: series.to_owned(),
        workload: subvolume.workload.to_string(),
        job: job.name.clone(),
        here: here.len(),
        there: whole.len(),
        newest: whole.last().map(|one| one.name.clone()),
        newest_taken: whole.last().map(|one| one.taken),
        oldest: whole.first().map(|one| one.name.clone()),
        parent: parent.map(|(_, name, _)| (*name).clone()),
        begun_anew,
        waiting,
        next: newest.map(|(_, name, _)| {
            let parent = parent.map(|(_, name, _)| name.as_str());
            next(system, directory, name, parent)
        }),
        missing_days: missing_days(job, &whole),
        unfinished: there
            .iter()
            .filter(|one| one.received_uuid.is_none() && !is_damaged(one))
            .map(|one| one.name.clone())
            .collect(),
        file_bytes: whole_each.map(|_| {
            let files = whole.iter().filter_map(|one| one.raw.as_ref());
            files.map(|file| file.bytes).sum()
        }),
    }
}

/// The newest whole copy there, where all of them were taken before what is here was born, and nothing here continues one: no snapshot is the same,
/// or as old.
pub(super) fn newest_before<'l>(
    here: &Here,
    list: &'l [RemoteSnapshot],
    series: &str,
    born: u64,
) -> Option<&'l RemoteSnapshot> {
    let mut whole = of_series(list, series);
    whole.retain(|one| one.is_whole());
    // What is taken in the second of a birth is of what was born, and is the same as something here.
    let newest = whole.last().copied().filter(|one| one.taken <= born)?;
    let continues = |(taken, _, one): &(u64, &String, &ObservedSubvolume)| {
        *taken < newest.taken || whole.iter().any(|copy| remote::is_same(one, copy))
    };
    let here = snapshots(here, series);
    (!here.iter().any(continues)).then_some(newest)
}

/// Whether it is a file that lacks something else than its end: that is told by itself.
fn is_damaged(one: &RemoteSnapshot) -> bool {
    let lacks = one.raw.as_ref().and_then(|raw| raw.lacks.as_ref());
    lacks.is_some_and(|lacks| *lacks != Lack::End)
}

/// The read-only snapshots of a series here, rising.
fn snapshots<'h>(here: &'h Here, series: &str) -> Vec<(u64, &'h String, &'h ObservedSubvolume)> {
    let mut all: Vec<_> = here
        .iter()
        .filter(|(_, one)| one.read_only)
        .filter_map(|(name, one)| {
            let (of, taken) = snapshot_names::btrbk(name)?;
            (of == series).then_some((taken, name, one))
        })
        .collect();
    all.sort_by_key(|(taken, name, _)| (*taken, *name));
    all
}

fn next(system: &dyn System, directory: &Path, name: &str, parent: Option<&str>) -> Next {
    let size = remote::size_here(system, directory, name, parent);
    Next {
        snapshot: name.to_owned(),
        bytes: size.as_ref().ok().copied(),
        unknown: size.err().map(|fault| fault.to_string()),
    }
}

/// The days between the oldest and the newest copy that the target keeps one of each of, and has none of: by the date in the name,
/// which is the source's own.
fn missing_days(job: &Job, whole: &[&RemoteSnapshot]) -> Vec<String> {
    let targets = job.targets.values();
    let kept = targets.filter_map(|target| target.keep.daily).min();
    let days: BTreeSet<Date> = whole.iter().filter_map(|one| date(&one.name)).collect();
    let (Some(kept), Some(first), Some(last)) = (kept, days.first(), days.last()) else {
        return Vec::new();
    };
    let mut missing = Vec::new();
    let mut day = *last;
    // A policy that runs less often than daily has such days by right.
    let is_daily = job.schedule.interval_seconds <= 24 * 60 * 60;
    for _ in 1..kept {
        let Ok(before) = day.yesterday() else { break };
        if before < *first || !is_daily {
            break;
        }
        day = before;
        if !days.contains(&day) {
            missing.push(day.to_string());
        }
    }
    missing.reverse();
    missing
}

fn date(name: &str) -> Option<Date> {
    let (_, stamp) = name.rsplit_once('.')?;
    Date::strptime("%Y%m%d", stamp.get(..8)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(time: u64, stamp: &str, received: Option<&str>) -> RemoteSnapshot {
        RemoteSnapshot {
            name: format!("shop.{stamp}"),
            series: "shop".into(),
            taken: time,
            uuid: "there".into(),
            received_uuid: received.map(str::to_owned),
            read_only: true,
            raw: None,
        }
    }

    fn here(stamp: &str, uuid: &str) -> Here {
        let one = ObservedSubvolume {
            id: 300,
            uuid: uuid.into(),
            parent_uuid: None,
            received_uuid: None,
            read_only: true,
        };
        Here::from([(format!("shop.{stamp}"), one)])
    }

    #[test]
    fn only_what_began_after_all_whole_copies_and_continues_none_began_anew() {
        const MORNING: (u64, &str) = (1_795_766_400, "20261127T080000+0000");
        const NOON: (u64, &str) = (1_795_780_800, "20261127T120000+0000");
        let copies = [
            there(MORNING.0, MORNING.1, Some("a")),
            there(NOON.0, NOON.1, None),
        ];
        let before = |here: &Here, born| newest_before(here, &copies, "shop", born).is_some();
        let nothing = Here::new();
        // Half a copy is none.
        assert!(before(&nothing, MORNING.0 + 1));
        assert!(before(&nothing, MORNING.0));
        assert!(!before(&nothing, MORNING.0 - 1));
        assert!(before(&here(NOON.1, "b"), NOON.0));
        assert!(!before(&here(NOON.1, "a"), NOON.0), "it is that copy's");
        let older = here("20261127T070000+0000", "b");
        assert!(!before(&older, NOON.0), "what is as old lived then");
        assert!(before(&here(MORNING.1, "b"), NOON.0));
        assert!(newest_before(&nothing, &copies, "blog", NOON.0).is_none());
        let half = [there(MORNING.0, MORNING.1, None)];
        assert!(newest_before(&nothing, &half, "shop", NOON.0).is_none());
    }
}
