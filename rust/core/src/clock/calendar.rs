//! The calendar expressions that plans hold, and when a systemd timer runs by them.

use jiff::civil::{Date, Time, Weekday};

use super::{DAY, Zone};

/// A regular calendar: each so many seconds of a day's clock, on every day or on Mondays.
#[derive(Clone, Debug)]
pub struct Calendar {
    step: i64,
    mondays: bool,
    /// The zone that the expression itself names; absent: the host's.
    zone: Option<Zone>,
}

impl Calendar {
    /// Understands `weekly`, `daily`, `hourly`, `minutely`, `*:00/N`, `*-*-* 00/N:00:00`, and each with ` UTC`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (text, zone) = match text.strip_suffix(" UTC") {
            Some(text) => (text, Some(Zone::UTC)),
            None => (text, None),
        };
        let text = text.strip_prefix("*-*-* ").unwrap_or(text);
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number > 0);
        let step = match text {
            "weekly" | "daily" => DAY,
            "hourly" | "*:00:00" => 3600,
            "minutely" | "*:*:00" => 60,
            _ => match text.strip_prefix("*:00/") {
                Some(minutes) => number(minutes.strip_suffix(":00").unwrap_or(minutes))? * 60,
                None => number(text.strip_prefix("00/")?.strip_suffix(":00:00")?)? * 3600,
            },
        };
        // What does not divide its larger unit runs at other distances than its step.
        let whole = if step < 3600 { 3600 } else { DAY };
        (whole % step == 0).then_some(Self {
            step,
            mondays: text == "weekly",
            zone,
        })
    }

    /// A calendar that runs each so many seconds in UTC, for an expression that is none of ours.
    #[must_use]
    pub fn every(seconds: u64) -> Self {
        let step = i64::try_from(seconds).unwrap_or(DAY).clamp(60, DAY);
        Self {
            step: (1..=DAY / step)
                .map(|parts| DAY / parts)
                .find(|part| *part <= step && DAY % part == 0)
                .unwrap_or(DAY),
            mondays: false,
            zone: Some(Zone::UTC),
        }
    }

    /// The runs from one moment to before another. Like systemd's timers it runs once where the clock shows a
    /// time twice, the first time, and not at all where the clock leaps over it.
    #[must_use]
    pub fn runs(&self, host: &Zone, from: i64, to: i64) -> Vec<i64> {
        let zone = self.zone.as_ref().unwrap_or(host);
        let mut runs = Vec::new();
        let mut date = zone.date(from);
        loop {
            let (begins, ends) = (
                zone.day_begins(date),
                zone.day_begins(super::date_after(date, 1)),
            );
            if begins >= to || ends <= begins {
                break;
            }
            if !self.mondays || date.weekday() == Weekday::Monday {
                self.day(zone, date, (begins, ends), &mut runs);
            }
            date = super::date_after(date, 1);
        }
        runs.retain(|run| (from..to).contains(run));
        runs
    }

    /// The longest time between two runs around the clock changes of so many days, and when it begins; `None` where
    /// the host's clock is never changed.
    #[must_use]
    pub fn longest_gap(&self, host: &Zone, begin: Date, days: u32) -> Option<(i64, i64)> {
        let day = |number: u32| host.day_begins(super::date_after(begin, number));
        (0..days)
            .filter(|number| day(number + 1) - day(*number) != DAY)
            .flat_map(|number| {
                self.runs(host, day(number) - 8 * DAY, day(number) + 10 * DAY)
                    .windows(2)
                    .map(|pair| (pair[1] - pair[0], pair[0]))
                    .collect::<Vec<_>>()
            })
            .max_by_key(|(seconds, at)| (*seconds, std::cmp::Reverse(*at)))
    }

    fn day(&self, zone: &Zone, date: Date, (begins, ends): (i64, i64), runs: &mut Vec<i64>) {
        let steps = 0..DAY / self.step;
        if ends - begins == DAY {
            runs.extend(steps.map(|number| begins + number * self.step));
            return;
        }
        let shown = steps.filter_map(|number| {
            let second = number * self.step;
            let part = |value: i64| i8::try_from(value).ok();
            let time = Time::new(
                part(second / 3600)?,
                part(second / 60 % 60)?,
                part(second % 60)?,
                0,
            );
            zone.first(date.to_datetime(time.ok()?))
        });
        let first = runs.len();
        runs.extend(shown);
        runs[first..].sort_unstable();
    }
}

impl Zone {
    /// The date that a clock shows.
    #[must_use]
    pub fn date(&self, epoch: i64) -> Date {
        self.0.to_datetime(super::moment(epoch)).date()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Text as _, TimeZoneName};

    fn on(expression: &str, (year, month, day): (i16, i8, i8)) -> Vec<i64> {
        let zone = Zone::named(&TimeZoneName::parse("Europe/Berlin").unwrap()).unwrap();
        let date = jiff::civil::date(year, month, day);
        let ends = zone.day_begins(super::super::date_after(date, 1));
        Calendar::parse(expression)
            .unwrap()
            .runs(&zone, zone.day_begins(date), ends)
    }

    fn longest(runs: &[i64]) -> i64 {
        runs.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
    }

    #[test]
    fn the_doubled_hour_is_run_once() {
        let autumn = on("*:00/15", (2027, 10, 31));
        assert_eq!((autumn.len(), longest(&autumn)), (96, 75 * 60));
        assert_eq!(on("hourly", (2027, 10, 31)).len(), 24);
        let utc = on("*:00/15 UTC", (2027, 10, 31));
        assert_eq!((utc.len(), longest(&utc)), (100, 15 * 60));
    }

    #[test]
    fn the_missing_hour_is_not_run() {
        assert_eq!(on("hourly", (2027, 3, 28)).len(), 23);
        let two = on("*-*-* 00/2:00:00", (2027, 3, 28));
        assert_eq!((two.len(), longest(&two)), (11, 3 * 3600));
    }

    #[test]
    fn weeks_begin_on_mondays() {
        assert_eq!(on("weekly", (2027, 10, 31)).len(), 0);
        assert_eq!(on("weekly", (2027, 11, 1)).len(), 1);
    }

    #[test]
    fn what_is_none_of_ours_is_not_guessed() {
        for text in ["Mon..Fri 12:00", "*:00/7", "*-*-* 00/5:00:00", "", "*:00/0"] {
            assert!(Calendar::parse(text).is_none(), "{text}");
        }
    }
}
