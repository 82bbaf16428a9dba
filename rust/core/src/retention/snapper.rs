//! snapper's timeline clean-up (`TIMELINE_LIMIT_*`, `TIMELINE_MIN_AGE`).
//!
//! What surprises: limits count periods that have a snapshot, not ages, so `7` days of a host that ran every
//! second day reach back a fortnight; the period that has begun counts as one; weeks begin on Monday; the clean-up
//! runs once a day, so up to a day's snapshots are there beyond what is to be kept.

use crate::clock::Wall;
use crate::spec::Keep;

/// snapper's own least age, and the least that our configurations set.
const MIN_AGE: i64 = 1800;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapper {
    /// Nothing younger is removed.
    pub min_age_seconds: i64,
    /// How many periods of each length.
    pub keep: Keep,
}

impl Snapper {
    pub(super) fn of(keep: &Keep, keep_all_hours: u32) -> Self {
        Self {
            min_age_seconds: (i64::from(keep_all_hours) * 3600).max(MIN_AGE),
            keep: *keep,
        }
    }

    pub(super) fn keeps(&self, snapshots: &[Wall], now: i64) -> Vec<bool> {
        let keep = &self.keep;
        let mut left = [
            (equal_hour as fn(&Wall, &Wall) -> bool, keep.hourly),
            (equal_day, keep.daily),
            (equal_week, keep.weekly),
            (equal_month, keep.monthly),
            (equal_year, keep.yearly),
        ]
        .map(|(equal, count)| (equal, count.unwrap_or(0)));
        let mut kept = vec![false; snapshots.len()];
        for index in (0..snapshots.len()).rev() {
            let taken = &snapshots[index];
            // Not at once, for each count goes down by itself.
            for (equal, count) in &mut left {
                if *count > 0 && is_first(&snapshots[..index], taken, *equal) {
                    *count -= 1;
                    kept[index] = true;
                }
            }
            kept[index] |= taken.epoch > now - self.min_age_seconds;
        }
        kept
    }
}

/// True when no older snapshot is in the same period; of those of one second the oldest is.
fn is_first(older: &[Wall], taken: &Wall, equal: fn(&Wall, &Wall) -> bool) -> bool {
    for other in older.iter().rev() {
        if !equal(taken, other) {
            return true;
        }
        if taken.epoch > other.epoch {
            return false;
        }
    }
    true
}

fn equal_hour(one: &Wall, other: &Wall) -> bool {
    equal_day(one, other) && one.hour == other.hour
}

fn equal_day(one: &Wall, other: &Wall) -> bool {
    equal_month(one, other) && one.day == other.day
}

fn equal_week(one: &Wall, other: &Wall) -> bool {
    // The Monday of each, as a number of days.
    let monday = |wall: &Wall| wall.hours.div_euclid(24) - i64::from((wall.weekday + 6) % 7);
    monday(one) == monday(other)
}

fn equal_month(one: &Wall, other: &Wall) -> bool {
    equal_year(one, other) && one.month == other.month
}

fn equal_year(one: &Wall, other: &Wall) -> bool {
    one.year == other.year
}
