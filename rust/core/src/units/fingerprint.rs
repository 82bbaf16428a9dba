//! The fingerprint of a key of OpenPGP.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};

/// 40 hexadecimal digits: the whole of it. A part of it, a name or a mail address could be another key's tomorrow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for Fingerprint {
    const FORMAT: &'static str = "podman-btrfs-fingerprint";
    const EXPECTED: &'static str =
        "a fingerprint: 40 digits of 0-9 and A-F, as `gpg --list-keys` shows it, without blanks";
    const PATTERN: &'static str = "^[0-9A-Fa-f]{40}$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| {
            Err(format!(
                "`{}` is not {}: {why}",
                shown(text),
                Self::EXPECTED
            ))
        };
        if let Some(bad) = text.chars().find(|c| !c.is_ascii_hexdigit()) {
            return refuse(&format!("it holds `{}`", bad.escape_debug()));
        }
        if text.len() != 40 {
            return refuse(&format!("it has {} digits", text.len()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
text_serde!(Fingerprint);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_whole() {
        let digits = "0123456789ABCDEFabcd".repeat(2);
        assert!(Fingerprint::parse(&digits).is_ok());
        for text in [
            &digits[1..],
            &format!("{digits}0"),
            &format!("0x{}", &digits[2..]),
            "889C6E5CCCEA96CE",
            "copies@example.org",
            "",
        ] {
            assert!(Fingerprint::parse(text).is_err(), "{text}");
        }
    }
}
