//! The digest of an image's manifest.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};

/// `sha256:` and 64 hexadecimal digits: what a manifest is, whatever its tag leads to today.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(String);

impl Digest {
    /// The digest as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for Digest {
    const FORMAT: &'static str = "podman-btrfs-digest";
    const EXPECTED: &'static str =
        "a digest: `sha256:` and 64 digits of 0-9 and a-f, as `skopeo inspect --raw` shows them";
    const PATTERN: &'static str = "^sha256:[0-9a-f]{64}$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| {
            Err(format!(
                "`{}` is not {}: {why}",
                shown(text),
                Self::EXPECTED
            ))
        };
        let Some(digits) = text.strip_prefix("sha256:") else {
            return refuse("it does not begin with `sha256:`");
        };
        if digits.len() != 64 {
            return refuse(&format!("it has {} digits", digits.chars().count()));
        }
        if digits
            .bytes()
            .any(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        {
            return refuse("a digit is none of 0-9 and a-f");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
text_serde!(Digest);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_whole_and_in_small_letters() {
        let digits = "0123456789abcdef".repeat(4);
        assert!(Digest::parse(&format!("sha256:{digits}")).is_ok());
        for text in [
            digits.clone(),
            format!("sha256:{}", digits.to_uppercase()),
            format!("sha256:{}", &digits[1..]),
            format!("sha256:{digits}0"),
            format!("sha512:{digits}"),
            "sha256:".into(),
        ] {
            assert!(Digest::parse(&text).is_err(), "{text}");
        }
    }
}
