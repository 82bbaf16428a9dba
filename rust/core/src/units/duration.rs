//! Lengths of time, written with systemd's unit names.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};

/// A length of time in whole seconds, at least one and at most a hundred years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(u64);

/// Unit names, longest first where one is the beginning of another; months and years are left out
/// because their length differs.
const UNITS: [(&str, u64); 5] = [
    ("min", 60),
    ("s", 1),
    ("h", 3600),
    ("d", 86_400),
    ("w", 604_800),
];
const HUNDRED_YEARS: u64 = 100 * 366 * 86_400;

impl Duration {
    /// A duration of so many seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The duration in seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The number of seconds in a unit (`s`, `min`, `h`, `d`, `w`, or in words `hour`, `day`, `week`).
    pub(super) fn unit_seconds(unit: &str) -> Option<u64> {
        let short = match unit {
            "hour" => "h",
            "day" => "d",
            "week" => "w",
            other => other,
        };
        UNITS
            .iter()
            .find(|(name, _)| *name == short)
            .map(|(_, seconds)| *seconds)
    }
}

impl Text for Duration {
    const FORMAT: &'static str = "podman-btrfs-duration";
    const EXPECTED: &'static str =
        "a length of time: a whole number with s, min, h, d or w, such as `15min` or `1h 30min`";
    const PATTERN: &'static str = "^[0-9]+(s|min|h|d|w)( ?[0-9]+(s|min|h|d|w))*$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| {
            Err(format!(
                "`{}` is not {}: {why}",
                shown(text),
                Self::EXPECTED
            ))
        };
        let mut rest = text;
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let digits_end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (digits, tail) = rest.split_at(digits_end);
            let unit_end = tail
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_end);
            if digits.is_empty() {
                return refuse("a number is missing");
            }
            let Some((_, seconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                return refuse(&match unit {
                    "" => "a unit is missing".to_owned(),
                    "m" => "`m` could be minutes or months; write `min`".to_owned(),
                    other => format!("`{}` is no unit", shown(other)),
                });
            };
            let part = digits
                .parse::<u64>()
                .ok()
                .and_then(|number| number.checked_mul(*seconds));
            match part.and_then(|part| total.checked_add(part)) {
                Some(sum) if sum <= HUNDRED_YEARS => total = sum,
                _ => return refuse("it is longer than a hundred years"),
            }
            rest = tail.strip_prefix(' ').unwrap_or(tail);
        }
        if total == 0 {
            refuse("it is no time at all")
        } else {
            Ok(Self(total))
        }
    }
}

impl fmt::Display for Duration {
    /// With the largest unit that divides it, so that it parses to the same again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fitting = UNITS
            .iter()
            .filter(|(_, seconds)| self.0.is_multiple_of(*seconds));
        match fitting.max_by_key(|(_, seconds)| *seconds) {
            Some((name, seconds)) => write!(f, "{}{name}", self.0 / seconds),
            None => write!(f, "{}s", self.0),
        }
    }
}

text_serde!(Duration);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_up() {
        assert_eq!(Duration::parse("1h 30min").unwrap().seconds(), 5400);
        assert_eq!(Duration::parse("90min").unwrap().to_string(), "90min");
        assert_eq!(Duration::parse("14d").unwrap().to_string(), "2w");
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        for (text, why) in [
            ("15m", "write `min`"),
            ("15", "a unit is missing"),
            ("h", "a number is missing"),
            ("0s", "it is no time at all"),
            ("99999999999999999999d", "it is longer than a hundred years"),
            ("", "it is no time at all"),
        ] {
            let message = Duration::parse(text).unwrap_err();
            assert!(message.ends_with(why), "{message}");
        }
    }
}
