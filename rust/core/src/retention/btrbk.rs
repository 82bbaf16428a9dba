//! btrbk's schedule (`snapshot_preserve_min`, `snapshot_preserve`).
//!
//! What surprises: `7d` keeps today's and seven more; ages are differences of wall clocks, so the doubled hour of
//! autumn counts once; weeks begin on Sunday; a month begins with its first Sunday, but the current moment's month
//! does not; a week's snapshot is the first of those that were the first of their day, and so on upwards.

use crate::clock::Wall;
use crate::spec::Keep;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Btrbk {
    /// Everything of so many hours; 0: only the newest.
    pub min_hours: u32,
    /// What is kept by age.
    pub keep: Keep,
    /// The day that weeks begin with; 0 is Sunday.
    pub week_begins: i32,
    /// The hour that days begin with.
    pub day_begins: i32,
}

/// How old a snapshot is, in periods of each length.
#[derive(Clone, Copy)]
struct Age {
    hours: i64,
    days: i64,
    weeks: i64,
    months: i64,
    years: i64,
}

/// An age in periods of one length.
type Periods = fn(&Age) -> i64;

impl Btrbk {
    pub(super) fn of(keep: &Keep, keep_all_hours: u32) -> Self {
        Self {
            min_hours: keep_all_hours,
            keep: *keep,
            week_begins: 0,
            day_begins: 0,
        }
    }

    pub(super) fn keeps(&self, snapshots: &[Wall], now: &Wall) -> Vec<bool> {
        let ages: Vec<Age> = snapshots.iter().map(|one| self.age(one, now)).collect();
        let mut kept: Vec<bool> = ages
            .iter()
            .map(|age| age.hours < 0 || (self.min_hours > 0 && age.hours <= self.min_hours.into()))
            .collect();
        if let (0, Some(newest)) = (self.min_hours, kept.last_mut()) {
            *newest = true;
        }
        let keep = &self.keep;
        let mut first: Vec<usize> = (0..ages.len()).collect();
        let levels: [(Periods, Option<u32>); 5] = [
            (|age| age.hours, keep.hourly),
            (|age| age.days, keep.daily),
            (|age| age.weeks, keep.weekly),
            (|age| age.months, keep.monthly),
            (|age| age.years, keep.yearly),
        ];
        for (periods, count) in levels {
            // The first of each period among the first of the shorter ones, from old to new.
            first.sort_by_key(|index| std::cmp::Reverse(periods(&ages[*index])));
            first.dedup_by_key(|index| periods(&ages[*index]));
            let Some(count) = count.filter(|count| *count > 0) else {
                continue;
            };
            for index in &first {
                kept[*index] |= periods(&ages[*index]) <= count.into();
            }
        }
        kept
    }

    fn age(&self, taken: &Wall, now: &Wall) -> Age {
        let mut into_day = taken.hour - self.day_begins;
        let mut into_week = taken.weekday - self.week_begins;
        if into_day < 0 {
            into_day += 24;
            into_week -= 1;
        }
        if into_week < 0 {
            into_week += 7;
        }
        // Before the month's first week begins, it is still the month before.
        let (mut year, mut month) = (taken.year, taken.month);
        if taken.day <= into_week {
            (year, month) = if month == 1 {
                (year - 1, 12)
            } else {
                (year, month - 1)
            };
        }
        let hours = now.hours - taken.hours;
        let days = (hours + i64::from(into_day)) / 24;
        let years = i64::from(now.year - year);
        Age {
            hours,
            days,
            weeks: (days + i64::from(into_week)) / 7,
            months: years * 12 + i64::from(now.month - month),
            years,
        }
    }
}
