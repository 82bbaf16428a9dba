//! Sizes in bytes, written with binary units as `mkfs.btrfs`, disko and systemd write them.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};

/// A number of bytes; at most 2^63 - 1, which is what Nix and Btrfs' limits can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

const UNITS: [(char, u32); 6] = [
    ('K', 10),
    ('M', 20),
    ('G', 30),
    ('T', 40),
    ('P', 50),
    ('E', 60),
];

impl ByteSize {
    /// A size of so many bytes.
    #[must_use]
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The size in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl Text for ByteSize {
    const FORMAT: &'static str = "podman-btrfs-size";
    const EXPECTED: &'static str = "a size: a whole number of bytes above 0, or one with K, M, G, T, P or E (powers of 1024), such as `200G`";
    const PATTERN: &'static str = "^[0-9]+[KMGTPE]?(iB)?$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| {
            Err(format!(
                "`{}` is not {}: {why}",
                shown(text),
                Self::EXPECTED
            ))
        };
        let digits_end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (digits, unit) = text.split_at(digits_end);
        if digits.is_empty() {
            return refuse("it does not begin with a number");
        }
        let letter = unit.strip_suffix("iB").unwrap_or(unit);
        let known = UNITS.iter().find(|(name, _)| letter.chars().eq([*name]));
        let shift = match known {
            Some((_, shift)) => *shift,
            None if unit.is_empty() => 0,
            None => return refuse(&unit_hint(unit)),
        };
        let bytes = digits
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(1 << shift));
        match bytes {
            Some(0) => refuse("it is nothing"),
            Some(bytes) if i64::try_from(bytes).is_ok() => Ok(Self(bytes)),
            _ => refuse("it is 8E or more, beyond what Btrfs can address"),
        }
    }
}

/// Says what is wrong with a unit; the decimal units are the usual mistake.
fn unit_hint(unit: &str) -> String {
    let upper = unit.to_ascii_uppercase();
    let letter = upper
        .chars()
        .next()
        .filter(|c| UNITS.iter().any(|(name, _)| name == c));
    match letter {
        Some(letter) if upper.len() <= 3 => format!("the unit is written `{letter}`"),
        _ => format!("`{}` is no unit", shown(unit)),
    }
}

impl fmt::Display for ByteSize {
    /// With the largest unit that divides it, so that it parses to the same again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, shift) in UNITS.iter().rev() {
            if self.0 >= 1 << shift && self.0.trailing_zeros() >= *shift {
                return write!(f, "{}{name}", self.0 >> shift);
            }
        }
        write!(f, "{}", self.0)
    }
}

text_serde!(ByteSize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_binary() {
        assert_eq!(ByteSize::parse("1K").unwrap().bytes(), 1024);
        assert_eq!(ByteSize::parse("200G").unwrap().bytes(), 200 << 30);
        assert_eq!(ByteSize::parse("2TiB").unwrap().to_string(), "2T");
        assert_eq!(ByteSize::parse("1500M").unwrap().to_string(), "1500M");
    }

    #[test]
    fn absurd_and_decimal_sizes_are_refused_with_the_remedy() {
        for (text, why) in [
            ("200GB", "the unit is written `G`"),
            ("200g", "the unit is written `G`"),
            ("0", "it is nothing"),
            ("-5G", "it does not begin with a number"),
            ("", "it does not begin with a number"),
            ("99999999999999999999T", "beyond what Btrfs can address"),
            ("8E", "beyond what Btrfs can address"),
            ("5 bananas", "is no unit"),
        ] {
            let message = ByteSize::parse(text).unwrap_err();
            assert!(message.ends_with(why), "{message}");
        }
    }
}
