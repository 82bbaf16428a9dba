//! How much data in which time: growth and churn.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};
use super::{ByteSize, Duration};

/// Bytes in a length of time, written `20G/day`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    size: ByteSize,
    per_seconds: u64,
}

impl Rate {
    /// The rate in bytes for each day, rounded down.
    #[must_use]
    pub fn bytes_per_day(self) -> u64 {
        let bytes = u128::from(self.size.bytes()) * 86_400 / u128::from(self.per_seconds);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl Text for Rate {
    const FORMAT: &'static str = "podman-btrfs-rate";
    const EXPECTED: &'static str =
        "a rate: a size, `/`, and min, hour, day or week, such as `20G/day`";
    const PATTERN: &'static str = "^[0-9]+[KMGTPE]?(iB)?/(s|min|h|d|w|hour|day|week)$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| {
            Err(format!(
                "`{}` is not {}: {why}",
                shown(text),
                Self::EXPECTED
            ))
        };
        let Some((size, unit)) = text.split_once('/') else {
            return refuse("`/` is missing");
        };
        let size = ByteSize::parse(size)?;
        match Duration::unit_seconds(unit) {
            Some(per_seconds) => Ok(Self { size, per_seconds }),
            None => refuse(&format!("`{}` is no unit of time", shown(unit))),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per_seconds {
            3600 => "hour",
            86_400 => "day",
            604_800 => "week",
            60 => "min",
            _ => "s",
        };
        write!(f, "{}/{unit}", self.size)
    }
}

text_serde!(Rate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_compared_by_the_day() {
        assert_eq!(Rate::parse("1G/hour").unwrap().bytes_per_day(), 24 << 30);
        assert_eq!(Rate::parse("7G/week").unwrap().bytes_per_day(), 1 << 30);
        assert_eq!(Rate::parse("20G/d").unwrap().to_string(), "20G/day");
    }

    #[test]
    fn a_rate_without_a_time_is_refused() {
        assert!(Rate::parse("20G").unwrap_err().ends_with("`/` is missing"));
        assert!(
            Rate::parse("20G/month")
                .unwrap_err()
                .ends_with("is no unit of time")
        );
    }
}
