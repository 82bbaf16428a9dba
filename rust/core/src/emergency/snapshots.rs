//! Which snapshots can go: never the newest of a series, and members of one consistency group together.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Zone;
use crate::plan::Job;
use crate::retention::Retention;

/// A read-only snapshot in the place of snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The series that it belongs to.
    pub series: String,
    /// When it was taken, in seconds since 1970.
    pub taken: u64,
    /// Where it is on the host.
    pub path: String,
    /// Its UUID.
    pub uuid: String,
}

/// Snapshots of one copy of a workload that can go.
#[derive(Debug, Default)]
pub(super) struct Spare<'s> {
    /// What its policy does not keep.
    pub(super) beyond: Vec<&'s Snapshot>,
    /// The older half of what it keeps.
    pub(super) older: Vec<&'s Snapshot>,
    /// How many stay when both are gone.
    pub(super) stay: usize,
}

/// What can go of each copy of a job's workloads, by the copy's name.
pub(super) fn spare<'s>(
    job: &Job,
    all: &'s [Snapshot],
    zone: Option<&Zone>,
    now: u64,
) -> BTreeMap<String, Spare<'s>> {
    let series: BTreeSet<&str> = job.subvolumes.iter().map(|one| one.name.as_str()).collect();
    let mut copies: BTreeMap<String, Vec<&Snapshot>> = BTreeMap::new();
    for one in all.iter().filter(|one| series.contains(&*one.series)) {
        copies.entry(copy_of(&one.series)).or_default().push(one);
    }
    let of_copy = |(copy, of_it)| (copy, of_copy(job, of_it, zone, now));
    copies.into_iter().map(of_copy).collect()
}

/// The copy of a workload that a series belongs to: `shop` of `shop+cache`.
fn copy_of(series: &str) -> String {
    series
        .split_once('+')
        .map_or(series, |(copy, _)| copy)
        .to_owned()
}

fn of_copy<'s>(job: &Job, of_it: Vec<&'s Snapshot>, zone: Option<&Zone>, now: u64) -> Spare<'s> {
    let mut newest: BTreeMap<&str, u64> = BTreeMap::new();
    let mut moments: BTreeMap<u64, Vec<&Snapshot>> = BTreeMap::new();
    for one in of_it {
        let last = newest.entry(&one.series).or_insert(one.taken);
        *last = one.taken.max(*last);
        moments.entry(one.taken).or_default().push(one);
    }
    let epochs: Vec<u64> = moments.keys().copied().collect();
    let mut spare = Spare::default();
    let mut kept: Vec<&Vec<&Snapshot>> = Vec::new();
    // The newest of a series stays, and with it all that shows the same moment.
    let is_newest = |one: &&Snapshot| newest.get(&*one.series) == Some(&one.taken);
    let keeps = keeps(job, &epochs, zone, now);
    for (members, is_kept) in moments.values().zip(keeps) {
        if members.iter().any(is_newest) {
            spare.stay += members.len();
        } else if is_kept {
            kept.push(members);
        } else {
            spare.beyond.extend(members);
        }
    }
    let half = kept.len().div_ceil(2);
    spare
        .older
        .extend(kept.iter().take(half).copied().flatten());
    spare.stay += kept.iter().skip(half).map(|of| of.len()).sum::<usize>();
    spare
}

/// Which moments the job's policy keeps; all, where it cannot be worked out.
fn keeps(job: &Job, rising: &[u64], zone: Option<&Zone>, now: u64) -> Vec<bool> {
    let epoch = |seconds: u64| i64::try_from(seconds).ok();
    let walls = zone.and_then(|zone| {
        let all: Option<Vec<_>> = rising
            .iter()
            .map(|taken| Some(zone.wall(epoch(*taken)?)))
            .collect();
        Some((all?, zone.wall(epoch(now)?)))
    });
    match walls {
        Some((walls, now)) => {
            Retention::of(job.tool, &job.keep, job.keep_all_hours).keeps(&walls, &now)
        }
        None => vec![true; rising.len()],
    }
}
