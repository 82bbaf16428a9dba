//! Versions of the kernel and of tools, as far as storage depends on them.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};

/// A version: one to four whole numbers, such as `6.12` or `5.4.2`; what follows them (`-rc1`, `+deb12`) is
/// kept for display and does not take part in comparisons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    numbers: [u32; 4],
    text: String,
}

/// The longest version text; the kernel's own limit for a release name is 64.
const MAX_LENGTH: usize = 64;

impl Version {
    /// Whether it is this one or newer.
    #[must_use]
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        (self.numbers[0], self.numbers[1]) >= (major, minor)
    }

    /// Its first number.
    #[must_use]
    pub const fn major(&self) -> u32 {
        self.numbers[0]
    }

    /// Its second number; 0 where there is none.
    #[must_use]
    pub const fn minor(&self) -> u32 {
        self.numbers[1]
    }
}

impl Text for Version {
    const FORMAT: &'static str = "podman-btrfs-version";
    const EXPECTED: &'static str = "a version: numbers parted by points, such as `6.12` or `5.4.2`";
    const PATTERN: &'static str = r"^[0-9]+(\.[0-9]+){0,3}([-+~_][A-Za-z0-9.+~_-]*)?$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = || Err(format!("`{}` is not {}", shown(text), Self::EXPECTED));
        if text.len() > MAX_LENGTH {
            return refuse();
        }
        let end = text.find(['-', '+', '~', '_']).unwrap_or(text.len());
        let (plain, rest) = text.split_at(end);
        let rest_is_plain =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '~' | '_');
        if !rest.chars().all(rest_is_plain) {
            return refuse();
        }
        let mut numbers = [0; 4];
        for (index, part) in plain.split('.').enumerate() {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            match (numbers.get_mut(index), part.parse()) {
                (Some(place), Ok(number)) if digits => *place = number,
                _ => return refuse(),
            }
        }
        Ok(Self {
            numbers,
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

text_serde!(Version);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        let version = Version::parse("6.12.4-rc1").unwrap();
        assert!(version.at_least(6, 7) && version.at_least(6, 12) && version.at_least(5, 99));
        assert!(!version.at_least(6, 13) && !version.at_least(7, 0));
        assert_eq!(version.to_string(), "6.12.4-rc1");
        assert!(Version::parse("6").unwrap().at_least(6, 0));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            "v6.1",
            "6.",
            "6..1",
            "6.1 ",
            "6.1-\n",
            "1.2.3.4.5",
            "4294967296",
            "+1",
        ] {
            assert!(Version::parse(text).is_err(), "{text:?}");
        }
    }
}
