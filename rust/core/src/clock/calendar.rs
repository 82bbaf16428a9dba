//! The calendar expressions that plans hold, and when a systemd timer runs by them.

use jiff::civil::{Date, Time, Weekday};

use super::{DAY, Zone};

/// A regular calendar: each so many seconds of a day's clock, on every day or on some.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The first run's second of the day.
    first: i64,
    step: i64,
    days: Days,
    /// The zone that the expression itself names; absent: the host's.
    zone: Option<Zone>,
}

/// On which days.
#[derive(Clone, Copy, Debug)]
enum Days {
    Every,
    /// One day of the week, where both are among these.
    Weekday {
        weekday: Weekday,
        months: Months,
        dates: (i8, i8),
    },
}

#[derive(Clone, Copy, Debug)]
enum Months {
    Every,
    FirstOfQuarter,
}

impl Days {
    const MONDAYS: Self = Self::Weekday {
        weekday: Weekday::Monday,
        months: Months::Every,
        dates: (1, 31),
    };

    fn has(self, date: Date) -> bool {
        match self {
            Self::Every => true,
            Self::Weekday {
                weekday,
                months,
                dates: (from, to),
            } => {
                let in_month = match months {
                    Months::Every => true,
                    Months::FirstOfQuarter => date.month() % 3 == 1,
                };
                in_month && date.weekday() == weekday && (from..=to).contains(&date.day())
            }
        }
    }
}

impl Calendar {
    /// Understands what [`crate::upkeep::calendar`] writes, such as `Sun *-*-01..07 04:07:00`, and `weekly`, `daily`, `hourly`, `minutely`, `*:00/N`, `*-*-* 00/N:00:00`, and each with ` UTC`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (text, zone) = match text.strip_suffix(" UTC") {
            Some(text) => (text, Some(Zone::UTC)),
            None => (text, None),
        };
        if let Some((days, first)) = on_weekday(text) {
            let step = DAY;
            return Some(Self {
                first,
                step,
                days,
                zone,
            });
        }
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
            first: 0,
            step,
            days: if text == "weekly" {
                Days::MONDAYS
            } else {
                Days::Every
            },
            zone,
        })
    }

    /// A calendar that runs each so many seconds in UTC, for an expression that is none of ours.
    #[must_use]
    pub fn every(seconds: u64) -> Self {
        let step = i64::try_from(seconds).unwrap_or(DAY).clamp(60, DAY);
        Self {
            first: 0,
            step: (1..=DAY / step)
                .map(|parts| DAY / parts)
                .find(|part| *part <= step && DAY % part == 0)
                .unwrap_or(DAY),
            days: Days::Every,
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
            if self.days.has(date) {
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
            runs.extend(steps.map(|number| begins + self.first + number * self.step));
            return;
        }
        let shown = steps.filter_map(|number| {
            let second = self.first + number * self.step;
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

/// `Sun *-*-01..07 04:07:00`: the days, and the second of the day.
fn on_weekday(text: &str) -> Option<(Days, i64)> {
    let mut words = text.split(' ');
    let (day, dates, time) = (words.next()?, words.next()?, words.next()?);
    let weekday = match day {
        "Mon" => Weekday::Monday,
        "Tue" => Weekday::Tuesday,
        "Wed" => Weekday::Wednesday,
        "Thu" => Weekday::Thursday,
        "Fri" => Weekday::Friday,
        "Sat" => Weekday::Saturday,
        "Sun" => Weekday::Sunday,
        _ => return None,
    };
    let (months, dates) = match dates.strip_prefix("*-01,04,07,10-") {
        Some(dates) => (Months::FirstOfQuarter, dates),
        None => (Months::Every, dates.strip_prefix("*-*-")?),
    };
    let dates = match dates.split_once("..") {
        Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
        None => (dates == "*").then_some((1, 31))?,
    };
    let time: Time = time.parse().ok()?;
    let second = |part: i8| i64::from(part);
    let days = Days::Weekday {
        weekday,
        months,
        dates,
    };
    let of_day = second(time.hour()) * 3600 + second(time.minute()) * 60 + second(time.second());
    (words.next().is_none()).then_some((days, of_day))
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
    fn a_day_of_the_week_comes_once_in_seven_dates() {
        let zone = Zone::UTC;
        let from = zone.day_begins(jiff::civil::date(2027, 1, 1));
        let days = |text| -> Vec<_> {
            let calendar = Calendar::parse(text).unwrap();
            let runs = calendar.runs(&zone, from, from + 366 * DAY);
            runs.iter().map(|run| zone.wall(*run)).collect()
        };
        let monthly = days("Sun *-*-08..14 04:07:00");
        assert_eq!(monthly.len(), 12);
        let fits = |at: &super::super::Wall| at.weekday == 0 && (8..15).contains(&at.day);
        assert!(monthly.iter().all(|at| fits(at) && at.hour == 4));
        let quarterly = days("Sun *-01,04,07,10-01..07 05:07:00");
        let months: Vec<_> = quarterly.iter().map(|at| at.month).collect();
        assert_eq!(months, [1, 4, 7, 10]);
        assert_eq!(days("Tue *-*-* 04:23:00").len(), 52);
    }

    #[test]
    fn what_is_none_of_ours_is_not_guessed() {
        for text in [
            "Mon..Fri 12:00",
            "*:00/7",
            "*-*-* 00/5:00:00",
            "",
            "*:00/0",
            "Sun *-*-* 04:07:00 x",
            "Sun *-02-* 04:07:00",
        ] {
            assert!(Calendar::parse(text).is_none(), "{text}");
        }
    }
}
