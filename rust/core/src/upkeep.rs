//! When a filesystem is scrubbed, trimmed and balanced, so that no two of these meet.
//!
//! Each task of a filesystem has a day of the week of its own, and another day between it and the next; filesystems
//! on the same day have times of their own. All begin after 04:00, when no clock is changed, and at minutes that no
//! schedule of snapshots has except every minute's.

use serde::{Deserialize, Serialize};

use crate::spec::Often;

/// Regular work on one filesystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Everything is read and held against its checksums.
    Scrub,
    /// The device is told which blocks are free.
    Trim,
    /// Chunks of data that are mostly empty are given back, if unallocated space runs low.
    Balance,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Scrub, Self::Trim, Self::Balance];

    /// Day of the week of the first filesystem, and minute of the hour.
    const fn slot(self) -> (usize, usize) {
        match self {
            Self::Scrub => (6, 7),
            Self::Balance => (2, 23),
            Self::Trim => (4, 41),
        }
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// After clocks are changed anywhere.
const FIRST_HOUR: usize = 4;
/// Up to midnight.
const HOURS: usize = 24 - FIRST_HOUR;

/// The calendar of a task on the filesystem at this position; `None`: it is never done.
#[must_use]
pub fn calendar(task: Task, position: usize, often: Often) -> Option<String> {
    let (first_day, first_minute) = task.slot();
    let day = DAYS[(first_day + position) % DAYS.len()];
    let round = position / DAYS.len();
    let hour = FIRST_HOUR + round % HOURS;
    // Minutes that five divides belong to snapshots.
    let minute = first_minute + round / HOURS % 2;
    let dates = match often {
        Often::Never => return None,
        Often::Weekly => "*-*-*".to_owned(),
        Often::Monthly => format!("*-*-{}", days_of_week_in_month(round)),
        Often::Quarterly => format!("*-01,04,07,10-{}", days_of_week_in_month(round)),
    };
    Some(format!("{day} {dates} {hour:02}:{minute:02}:00"))
}

/// The days of a month among which there is each day of the week once.
fn days_of_week_in_month(round: usize) -> &'static str {
    ["01..07", "08..14", "15..21", "22..28"][round % 4]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;
    use crate::clock::{Calendar, DAY, Zone};
    use crate::units::{Text as _, TimeZoneName};

    /// Every start within two years, by moment, as position and task.
    fn starts(zone: &Zone, positions: usize, scrub: Often) -> BTreeMap<i64, Vec<(usize, Task)>> {
        let from = zone.day_begins(date(2027, 1, 1));
        let mut starts: BTreeMap<i64, Vec<(usize, Task)>> = BTreeMap::new();
        for position in 0..positions {
            for task in Task::ALL {
                let often = if task == Task::Scrub {
                    scrub
                } else {
                    Often::Weekly
                };
                let text = calendar(task, position, often).unwrap();
                let runs = Calendar::parse(&text).unwrap();
                for run in runs.runs(zone, from, from + 731 * DAY) {
                    starts.entry(run).or_default().push((position, task));
                }
            }
        }
        starts
    }

    fn zones() -> impl Iterator<Item = Zone> {
        // One that changes its clock by an hour, one by half an hour, and one that is off by 45 minutes.
        ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]
            .into_iter()
            .map(|name| Zone::named(&TimeZoneName::parse(name).unwrap()).unwrap())
    }

    #[test]
    fn no_two_begin_at_one_moment_and_those_of_one_filesystem_on_days_apart() {
        for often in [Often::Weekly, Often::Monthly, Often::Quarterly] {
            for zone in zones() {
                let starts = starts(&zone, 280, often);
                let mut last: BTreeMap<usize, i64> = BTreeMap::new();
                for (moment, begun) in &starts {
                    assert_eq!(begun.len(), 1, "{begun:?} at {moment}");
                    let (position, task) = begun[0];
                    if let Some(before) = last.insert(position, *moment) {
                        let apart = moment - before;
                        assert!(apart >= DAY * 3 / 2, "{task:?} after {apart} seconds");
                    }
                }
            }
        }
    }

    #[test]
    fn none_begins_when_a_snapshot_does() {
        let schedules = crate::rules::protection::schedule_by_rpo::SCHEDULES;
        for zone in zones() {
            let from = zone.day_begins(date(2027, 1, 1));
            let starts = starts(&zone, 280, Often::Monthly);
            for (_, text) in schedules.iter().filter(|(seconds, _)| *seconds > 60) {
                for text in [(*text).to_owned(), format!("{text} UTC")] {
                    let snapshots = Calendar::parse(&text).unwrap();
                    let met = snapshots
                        .runs(&zone, from, from + 366 * DAY)
                        .into_iter()
                        .find(|run| starts.contains_key(run));
                    assert_eq!(met, None, "{text}");
                }
            }
        }
    }

    #[test]
    fn a_month_has_one_scrub_and_a_change_of_the_clock_takes_none() {
        for zone in zones() {
            for position in 0..280 {
                let text = calendar(Task::Scrub, position, Often::Monthly).unwrap();
                let from = zone.day_begins(date(2027, 1, 1));
                let to = zone.day_begins(date(2029, 1, 1));
                let runs = Calendar::parse(&text).unwrap().runs(&zone, from, to);
                assert_eq!(runs.len(), 24, "{text}");
            }
        }
    }

    #[test]
    fn never_has_no_calendar() {
        assert_eq!(calendar(Task::Scrub, 0, Often::Never), None);
    }
}
