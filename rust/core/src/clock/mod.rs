//! What clocks on walls show: time zones with their changes, and the runs of a calendar timer.
//!
//! The zone is given; nothing here asks what time it is. The time zone database is part of the program.

mod calendar;

pub use calendar::Calendar;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

use crate::units::TimeZoneName;

/// Seconds of a day that no clock change shortens or lengthens.
pub const DAY: i64 = 86_400;

/// A time zone.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// A moment as a clock in a zone shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    /// Seconds since 1970 in UTC.
    pub epoch: i64,
    /// The year.
    pub year: i32,
    /// The month, from 1.
    pub month: i32,
    /// The day of the month, from 1.
    pub day: i32,
    /// The day of the year, from 0.
    pub day_of_year: i32,
    /// The day of the week: 0 is Sunday.
    pub weekday: i32,
    /// The hour of the day.
    pub hour: i32,
    /// Whole hours since 1970 as if the clock had never been changed.
    pub hours: i64,
}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone of this name, where the database has it.
    #[must_use]
    pub fn named(name: &TimeZoneName) -> Option<Self> {
        if name.as_str() == "UTC" {
            return Some(Self::UTC);
        }
        TimeZoneDatabase::bundled()
            .get(name.as_str())
            .ok()
            .map(Self)
    }

    /// What a clock shows; times outside the years that the library knows are shown as 1970.
    #[must_use]
    pub fn wall(&self, epoch: i64) -> Wall {
        let shown = self.0.to_datetime(moment(epoch));
        let (date, hour) = (shown.date(), i32::from(shown.hour()));
        Wall {
            epoch,
            year: date.year().into(),
            month: date.month().into(),
            day: date.day().into(),
            day_of_year: i32::from(date.day_of_year()) - 1,
            weekday: date.weekday().to_sunday_zero_offset().into(),
            hour,
            hours: days(date) * 24 + i64::from(hour),
        }
    }

    /// When a clock shows this first: `None` where the clock leaps over it.
    #[must_use]
    pub fn first(&self, shown: DateTime) -> Option<i64> {
        let offset = match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Fold { before: offset, .. } => offset,
            AmbiguousOffset::Gap { .. } => return None,
        };
        Some(
            days(shown.date()) * DAY + i64::from(seconds_of_day(shown))
                - i64::from(offset.seconds()),
        )
    }

    /// When a day begins: midnight, or where the clock leaps over it, the first moment after.
    #[must_use]
    pub fn day_begins(&self, date: Date) -> i64 {
        let midnight = date.to_datetime(jiff::civil::Time::midnight());
        self.0
            .to_ambiguous_timestamp(midnight)
            .compatible()
            .map_or(days(date) * DAY, Timestamp::as_second)
    }

    /// Whether the clock is changed within so many days.
    #[must_use]
    pub fn changes_within(&self, begin: Date, days: u32) -> bool {
        (0..days).any(|number| {
            let day = |number| self.day_begins(date_after(begin, number));
            day(number + 1) - day(number) != DAY
        })
    }

    /// By how many seconds the clock is ahead of UTC.
    #[must_use]
    pub fn offset(&self, epoch: i64) -> i64 {
        self.0.to_offset(moment(epoch)).seconds().into()
    }
}

/// The date so many days after another.
#[must_use]
pub fn date_after(date: Date, days: u32) -> Date {
    date.saturating_add(i64::from(days).days())
}

fn moment(epoch: i64) -> Timestamp {
    Timestamp::from_second(epoch).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn days(date: Date) -> i64 {
    let unix = Date::constant(1970, 1, 1);
    date.since(unix)
        .map_or(0, |span| i64::from(span.get_days()))
}

fn seconds_of_day(shown: DateTime) -> i32 {
    i32::from(shown.hour()) * 3600 + i32::from(shown.minute()) * 60 + i32::from(shown.second())
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use super::*;
    use crate::units::Text as _;

    fn berlin() -> Zone {
        Zone::named(&TimeZoneName::parse("Europe/Berlin").unwrap()).unwrap()
    }

    #[test]
    fn the_hour_that_is_left_out_is_never_shown_and_the_doubled_one_first_in_summer() {
        let zone = berlin();
        assert_eq!(zone.first(datetime(2027, 3, 28, 2, 30, 0, 0)), None);
        let doubled = zone.first(datetime(2027, 10, 31, 2, 30, 0, 0)).unwrap();
        assert_eq!(zone.offset(doubled), 7200);
        let (first, second) = (zone.wall(doubled), zone.wall(doubled + 3600));
        assert_eq!((first.hour, first.hours), (second.hour, second.hours));
    }

    #[test]
    fn a_day_of_the_change_has_23_or_25_hours() {
        let zone = berlin();
        let hours =
            |date: Date| (zone.day_begins(date_after(date, 1)) - zone.day_begins(date)) / 3600;
        assert_eq!(hours(date(2027, 3, 28)), 23);
        assert_eq!(hours(date(2027, 10, 31)), 25);
        assert_eq!(hours(date(2027, 7, 1)), 24);
    }

    #[test]
    fn weekdays_begin_with_sunday() {
        let wall = Zone::UTC.wall(0);
        assert_eq!((wall.weekday, wall.day_of_year, wall.hours), (4, 0, 0));
    }

    #[test]
    fn a_zone_of_no_map_is_unknown() {
        assert!(Zone::named(&TimeZoneName::parse("Mars/Olympus").unwrap()).is_none());
    }
}
