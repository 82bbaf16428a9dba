//! Words of `fstab(5)` and systemd: single mount options, and names of units.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};

/// More than any option or unit name that exists; file names end there too.
const MAX_LENGTH: usize = 255;

fn check_word(text: &str, punctuation: fn(char) -> bool) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.len() > MAX_LENGTH {
        return Err(format!("it has {} bytes", text.len()));
    }
    match text
        .chars()
        .find(|&c| !(c.is_ascii_alphanumeric() || punctuation(c)))
    {
        Some(bad) => Err(format!("it holds `{}`", bad.escape_debug())),
        None => Ok(()),
    }
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $format:literal, $expected:literal, $pattern:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The word as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Text for $name {
            const FORMAT: &'static str = $format;
            const EXPECTED: &'static str = $expected;
            const PATTERN: &'static str = $pattern;

            fn parse(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(text).map_err(|why| format!("`{}` is not {}: {why}", shown(text), Self::EXPECTED))?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_serde!($name);
    };
}

word!(
    /// One option of a mount, such as `compress=zstd:1`; a list of them is a list, not one text with commas.
    MountOption,
    "podman-btrfs-mount-option",
    "one mount option, such as `compress=zstd:1`: a-z, A-Z, 0-9 and `_-.=:+@/%`, without a comma",
    "^[A-Za-z0-9_.=:+@/%-]+$",
    |text| check_word(text, |c| matches!(
        c,
        '_' | '-' | '.' | '=' | ':' | '+' | '@' | '/' | '%'
    ))
);
word!(
    /// Name of a systemd unit with its type, such as `agenix-install-secrets.service`.
    UnitName,
    "podman-btrfs-unit-name",
    "a systemd unit's name with its type, such as `agenix-install-secrets.service`",
    r"^[A-Za-z0-9_.@:\\-]+\.(service|target|mount|path|socket|device|timer)$",
    |text| {
        const TYPES: [&str; 7] = [
            "service", "target", "mount", "path", "socket", "device", "timer",
        ];
        check_word(text, |c| matches!(c, '_' | '-' | '.' | '@' | ':' | '\\'))?;
        match text.rsplit_once('.') {
            Some((name, kind)) if !name.is_empty() && TYPES.contains(&kind) => Ok(()),
            _ => Err(format!("it does not end with one of .{}", TYPES.join(", ."))),
        }
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_options_in_one_text_are_refused() {
        assert!(MountOption::parse("compress=zstd:1").is_ok());
        assert!(MountOption::parse("x-systemd.after=agenix.service").is_ok());
        assert!(MountOption::parse("noatime,compress=zstd").is_err());
        assert!(MountOption::parse("a b").is_err());
        assert!(MountOption::parse("").is_err());
    }

    #[test]
    fn a_unit_has_a_type() {
        assert!(UnitName::parse("systemd-cryptsetup@data\\x2dcrypt.service").is_ok());
        assert!(UnitName::parse("agenix").is_err());
        assert!(UnitName::parse(".service").is_err());
        assert!(UnitName::parse("a b.service").is_err());
    }
}
