//! The filesystems and jobs of a declaration over the days.

use std::collections::BTreeMap;

use super::series::Timeline;
use super::stored::{self, Share, Stored};
use super::{Remedy, Span, advice, series_of, zone};
use crate::analysis::Facts;
use crate::clock::{DAY, Zone, date_after};
use crate::option_path::OptionPath;
use crate::rules::Choices;
use crate::space;
use crate::spec::{Profile, SnapshotTool};
use crate::units::ByteSize;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The days that were played.
    pub span: Span,
    /// The host's time zone.
    pub zone: Zone,
    /// Its name; `UTC` also where it is not known.
    pub zone_name: String,
    /// False: the zone is not known, and UTC was assumed.
    pub zone_known: bool,
    /// Filesystems, in the order of their names.
    pub filesystems: Vec<FilesystemYear>,
    /// Jobs: one policy on one filesystem.
    pub jobs: Vec<JobYear>,
}

/// A filesystem over the days.
#[derive(Clone, Debug)]
pub struct FilesystemYear {
    /// Its name.
    pub name: String,
    /// What it can hold, where that is known.
    pub room: Option<Room>,
    /// Options that would have to be said for everything to be counted.
    pub unknown: Vec<OptionPath>,
    /// Bytes of all volumes, by day.
    pub live: Vec<u64>,
    /// Bytes that only snapshots hold, by day.
    pub snapshots: Vec<u64>,
    /// Snapshots that are there, by day.
    pub count: Vec<u64>,
    /// The volumes that weigh most at the end, `workload/volume`, each with bytes and bytes in snapshots by day.
    pub heaviest: Vec<(String, Vec<u64>, Vec<u64>)>,
    /// When it is full.
    pub fill: Option<Fill>,
}

/// What a filesystem can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes of files that fit.
    pub usable: u64,
    /// Bytes of these that are kept free.
    pub reserve: u64,
}

/// The day a filesystem is full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Days from the beginning, from 0.
    pub day: u32,
    /// The date, `2027-03-04`.
    pub date: String,
    /// The volume that took most of what was free: workload and volume, by position.
    pub volume: (usize, usize),
    /// Its policy: position.
    pub policy: Option<usize>,
    /// Bytes that its snapshots hold on that day, all copies.
    pub snapshots: u64,
    /// Bytes by which it and its copies have grown.
    pub grown: u64,
    /// The most that is held on any day.
    pub peak: u64,
    /// What would help; looked for by the rule only, for it plays the year again and again.
    pub remedies: Vec<Remedy>,
}

/// A job over the days.
#[derive(Clone, Debug)]
pub struct JobYear {
    /// `<policy>-<filesystem>`.
    pub name: String,
    /// Who takes and thins.
    pub tool: SnapshotTool,
    /// How many subvolumes it takes.
    pub subvolumes: u64,
    /// Its days.
    pub timeline: Timeline,
}

/// Something that happens on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Days from the beginning, from 0.
    pub day: u32,
    /// The date.
    pub date: String,
    /// What happens, in a sentence without a full stop.
    pub what: String,
}

impl FilesystemYear {
    /// True when its capacity and the size of something on it are known.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.room.is_some() && self.live.first().is_some_and(|live| *live > 0)
    }
}

impl Simulation {
    /// True when it says something of a filesystem.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.filesystems.iter().any(FilesystemYear::tells)
    }

    /// Clock changes and full filesystems, by day.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events: Vec<Event> = (0..self.span.days)
            .filter_map(|day| Some((day, self.clock_change(day)?)))
            .map(|(day, what)| self.event(day, what))
            .collect();
        for year in &self.filesystems {
            if let Some(fill) = &year.fill {
                events.push(self.event(fill.day, format!("{} is full", year.name)));
            }
        }
        events.sort_by_key(|event| event.day);
        events
    }

    fn event(&self, day: u32, what: String) -> Event {
        Event {
            day,
            date: date_after(self.span.begin, day).to_string(),
            what,
        }
    }

    /// What a clock change on a day does to the snapshots of each job.
    fn clock_change(&self, day: u32) -> Option<String> {
        let begins = |number: u32| self.zone.day_begins(date_after(self.span.begin, number));
        let seconds = begins(day + 1) - begins(day);
        if seconds == DAY {
            return None;
        }
        let forward = seconds < DAY;
        let jobs: Vec<String> = self
            .jobs
            .iter()
            .filter_map(|job| {
                let taken = |day: usize| Some(job.timeline.days.get(day)?.taken);
                let (then, usual) = (taken(day as usize)?, taken((day as usize).checked_sub(1)?)?);
                (then != usual)
                    .then(|| format!("{} takes {then} snapshots in place of {usual}", job.name))
            })
            .collect();
        let mut what = format!(
            "clocks are put {}: the day has {} hours",
            if forward { "forward" } else { "back" },
            seconds / 3600
        );
        for job in jobs {
            what.push_str("; ");
            what.push_str(&job);
        }
        Some(what)
    }
}

/// How many volumes are shown by name.
const SHOWN: usize = 5;

/// What a filesystem can hold under its profiles, where its disks are known.
#[must_use]
pub fn room(facts: &Facts, choices: &Choices, filesystem: usize) -> Option<Room> {
    let this = &facts.filesystems[filesystem];
    let sizes = this.disk_sizes()?;
    let chosen = &choices.filesystems[filesystem];
    let usable = if this.declared.disks.is_empty() && this.declared.disk_sizes.is_empty() {
        // `capacity` of an existing filesystem is what it holds, whatever it lies on.
        space::capacity(&sizes, Profile::Single, Profile::Single).data
    } else {
        let data = chosen.data_profile.flatten()?;
        let metadata = chosen.metadata_profile.flatten().unwrap_or(data);
        space::capacity(&sizes, data, metadata).data
    };
    // A swap file is written whole when it is made.
    let swap = this.declared.swap.map_or(0, ByteSize::bytes);
    let usable = usable.saturating_sub(swap);
    Some(Room {
        usable,
        reserve: space::reserve(usable),
    })
}

/// Plays each policy once and adds up.
pub(super) fn run(facts: &Facts, choices: &Choices, span: Span) -> Simulation {
    let (zone, zone_known) = zone(facts);
    let timelines = timelines(facts, choices, &zone, span);
    let taken = subvolumes(facts, choices);
    let jobs = taken
        .iter()
        .filter_map(|((policy, filesystem), subvolumes)| {
            let names = (&facts.policies[*policy], &facts.filesystems[*filesystem]);
            Some(JobYear {
                name: format!("{}-{}", names.0.name, names.1.name),
                tool: choices.policies[*policy].tool?,
                subvolumes: *subvolumes,
                timeline: timelines.get(policy)?.clone(),
            })
        })
        .collect();
    let filesystems = (0..facts.filesystems.len())
        .map(|index| filesystem(facts, choices, index, &timelines, &taken, span))
        .collect();
    let declared = facts.spec.host.time_zone.as_ref();
    Simulation {
        span,
        zone_name: declared
            .filter(|_| zone_known)
            .map_or_else(|| "UTC".to_owned(), ToString::to_string),
        zone,
        zone_known,
        filesystems,
        jobs,
    }
}

/// When a filesystem is full within a year, if it is; the sizes that are not declared count as nothing.
#[must_use]
pub fn fill(facts: &Facts, choices: &Choices, filesystem: usize) -> Option<Fill> {
    let room = room(facts, choices, filesystem)?;
    let stored = stored::on(facts, choices, filesystem);
    let span = Span::default();
    if at_most(&stored, span.days) <= u128::from(room.usable - room.reserve) {
        return None;
    }
    let timelines = timelines(facts, choices, &zone(facts).0, span);
    let (mut fill, blamed) = find_fill((&stored, room), &timelines, span)?;
    let situation = (&stored, room, fill.peak);
    fill.remedies = advice::remedies(facts, choices, situation, &timelines, (&blamed, span));
    Some(fill)
}

/// An upper bound for what is held on any day, without playing the retention.
fn at_most(stored: &BTreeMap<Stored, Share>, days: u32) -> u128 {
    let each =
        |one: &Stored| u128::from(one.live(days)) + u128::from(one.at_most_in_snapshots(days));
    stored
        .iter()
        .map(|(one, share)| each(one) * u128::from(share.volumes))
        .sum()
}

fn timelines(
    facts: &Facts,
    choices: &Choices,
    zone: &Zone,
    span: Span,
) -> BTreeMap<usize, Timeline> {
    (0..facts.policies.len())
        .filter(|policy| facts.policies[*policy].followers > 0)
        .filter_map(|policy| Some((policy, series_of(choices, policy)?.play(zone, span))))
        .collect()
}

/// How many subvolumes each policy takes on each filesystem.
fn subvolumes(facts: &Facts, choices: &Choices) -> BTreeMap<(usize, usize), u64> {
    let mut taken = BTreeMap::new();
    for (index, workload) in facts.workloads.iter().enumerate() {
        let (Some(policy), Some(members)) = (workload.policy, &choices.workloads[index].group)
        else {
            continue;
        };
        for member in members {
            let filesystem = match member {
                Some(volume) => workload.volumes[*volume].filesystem,
                None => workload.filesystem,
            };
            if let Some(filesystem) = filesystem {
                *taken.entry((policy, filesystem)).or_default() += u64::from(workload.replicas);
            }
        }
    }
    taken
}

/// Bytes of one kind of volume on a day: live, and in snapshots.
fn bytes(one: &Stored, timelines: &BTreeMap<usize, Timeline>, day: u32) -> (u64, u64) {
    let timeline = one.policy.and_then(|policy| timelines.get(&policy));
    let of_day = timeline.and_then(|timeline| timeline.days.get(day as usize));
    (
        one.live(day + 1),
        of_day.map_or(0, |of_day| one.in_snapshots(day + 1, of_day)),
    )
}

/// Bytes of all volumes on a day.
pub(super) fn total(
    stored: &BTreeMap<Stored, Share>,
    timelines: &BTreeMap<usize, Timeline>,
    day: u32,
) -> (u64, u64) {
    let mut sum = (0_u64, 0_u64);
    for (one, share) in stored {
        let (live, held) = bytes(one, timelines, day);
        sum.0 = sum.0.saturating_add(live.saturating_mul(share.volumes));
        sum.1 = sum.1.saturating_add(held.saturating_mul(share.volumes));
    }
    sum
}

/// The day, and the kind of volume to blame.
fn find_fill(
    (stored, room): (&BTreeMap<Stored, Share>, Room),
    timelines: &BTreeMap<usize, Timeline>,
    span: Span,
) -> Option<(Fill, Stored)> {
    let days: Vec<u64> = (0..span.days)
        .map(|day| total(stored, timelines, day))
        .map(|(live, held)| live.saturating_add(held))
        .collect();
    let limit = room.usable - room.reserve;
    let day = u32::try_from(days.iter().position(|held| *held > limit)?).ok()?;
    let taken = |one: &Stored, share: &Share| {
        let (live, held) = bytes(one, timelines, day);
        let grown = live.saturating_sub(one.size);
        (
            held.saturating_mul(share.copies),
            grown.saturating_mul(share.copies),
        )
    };
    let weight = |one: &Stored, share: &Share| {
        let (held, grown) = taken(one, share);
        // Where nothing has grown yet, the largest is to blame.
        (
            held.saturating_add(grown),
            one.size.saturating_mul(share.copies),
        )
    };
    let (one, share) = stored
        .iter()
        .max_by_key(|(one, share)| (weight(one, share), std::cmp::Reverse(share.heaviest)))?;
    let (snapshots, grown) = taken(one, share);
    let fill = Fill {
        day,
        date: date_after(span.begin, day).to_string(),
        volume: share.heaviest,
        policy: one.policy,
        snapshots,
        grown,
        peak: days.iter().copied().max().unwrap_or(0),
        remedies: Vec::new(),
    };
    Some((fill, *one))
}

fn filesystem(
    facts: &Facts,
    choices: &Choices,
    index: usize,
    timelines: &BTreeMap<usize, Timeline>,
    taken: &BTreeMap<(usize, usize), u64>,
    span: Span,
) -> FilesystemYear {
    let stored = stored::on(facts, choices, index);
    let room = room(facts, choices, index);
    let totals: Vec<(u64, u64)> = (0..span.days)
        .map(|day| total(&stored, timelines, day))
        .collect();
    let count = |day: usize| {
        let on_it = taken
            .iter()
            .filter(|((_, filesystem), _)| *filesystem == index);
        on_it
            .filter_map(|((policy, _), subvolumes)| {
                Some(u64::from(timelines.get(policy)?.days.get(day)?.kept) * subvolumes)
            })
            .sum()
    };
    FilesystemYear {
        name: facts.filesystems[index].name.to_string(),
        unknown: stored::unknown(facts, choices, index),
        count: (0..span.days as usize).map(count).collect(),
        heaviest: heaviest(facts, &stored, timelines, span),
        fill: room
            .and_then(|room| find_fill((&stored, room), timelines, span))
            .map(|(fill, _)| fill),
        live: totals.iter().map(|total| total.0).collect(),
        snapshots: totals.iter().map(|total| total.1).collect(),
        room,
    }
}

/// The volumes that hold most at the end.
fn heaviest(
    facts: &Facts,
    stored: &BTreeMap<Stored, Share>,
    timelines: &BTreeMap<usize, Timeline>,
    span: Span,
) -> Vec<(String, Vec<u64>, Vec<u64>)> {
    let Some(last) = span.days.checked_sub(1) else {
        return Vec::new();
    };
    let mut all: Vec<(&Stored, &Share)> = stored.iter().collect();
    all.sort_by_key(|(one, share)| {
        let (live, held) = bytes(one, timelines, last);
        let weight = live.saturating_add(held).saturating_mul(share.copies);
        (std::cmp::Reverse(weight), share.heaviest)
    });
    all.iter()
        .take(SHOWN)
        .map(|(one, share)| {
            let (workload, volume) = share.heaviest;
            let workload = &facts.workloads[workload];
            let (live, held) = (0..span.days)
                .map(|day| bytes(one, timelines, day))
                .map(|(live, held)| {
                    let all = |bytes: u64| bytes.saturating_mul(share.copies);
                    (all(live), all(held))
                })
                .unzip();
            let name = format!("{}/{}", workload.name, workload.volumes[volume].name);
            (name, live, held)
        })
        .collect()
}
