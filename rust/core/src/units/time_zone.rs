//! Names of time zones.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};

/// A time zone by its IANA name, such as `Europe/Berlin`. Only the form is judged here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZoneName(String);

/// The longest name; the longest in the database has 32 bytes.
const MAX_LENGTH: usize = 64;

impl TimeZoneName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for TimeZoneName {
    const FORMAT: &'static str = "podman-btrfs-time-zone";
    const EXPECTED: &'static str = "the name of a time zone, such as `Europe/Berlin` or `UTC`";
    const PATTERN: &'static str = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)*$";

    fn parse(text: &str) -> Result<Self, String> {
        let part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-'))
        };
        if text.len() <= MAX_LENGTH && text.split('/').all(part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{}` is not {}", shown(text), Self::EXPECTED))
        }
    }
}

impl fmt::Display for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_serde!(TimeZoneName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_database_are_taken_and_paths_are_not() {
        for name in [
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+5",
        ] {
            assert!(TimeZoneName::parse(name).is_ok(), "{name}");
        }
        for text in ["", "/etc/localtime", "Europe/../x", "Europe/", "a b"] {
            assert!(TimeZoneName::parse(text).is_err(), "{text:?}");
        }
    }
}
