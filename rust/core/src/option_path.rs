//! Where in the declaration something stands: `workloads.shop.volumes.pgdata.size`.
//!
//! Paths are relative to `services.podmanBtrfs`; they are what findings name, what the Nix module
//! looks positions up by, and what the Nix reader keeps spans for.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One step of an [`OptionPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Step {
    /// An attribute name.
    Key(String),
    /// A list element, counted from 0.
    Index(usize),
}

/// A path of attribute names and list positions. In JSON: an array of strings and numbers.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct OptionPath(pub Vec<Step>);

impl OptionPath {
    /// The whole declaration.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of attribute names.
    pub fn of<S: Into<String>>(keys: impl IntoIterator<Item = S>) -> Self {
        Self(keys.into_iter().map(|key| Step::Key(key.into())).collect())
    }

    /// This path with one more attribute name.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Key(key.into()));
        Self(steps)
    }

    /// This path with one more list position.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Index(index));
        Self(steps)
    }

    /// The path one step up, or `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.0.split_last()?;
        Some(Self(above.to_vec()))
    }
}

/// True for what Nix accepts as an attribute name without quotes.
#[must_use]
pub fn is_plain_attribute_name(name: &str) -> bool {
    const KEYWORDS: [&str; 9] = [
        "assert", "else", "if", "in", "inherit", "let", "or", "rec", "then",
    ];
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\''))
        && name != "with"
        && !KEYWORDS.contains(&name)
}

impl fmt::Display for OptionPath {
    /// The way a user writes it in Nix; control characters are escaped, so it is always one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    if is_plain_attribute_name(key) {
                        f.write_str(key)?;
                    } else {
                        write!(f, "\"{}\"", key.escape_debug())?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_is_written_in_nix() {
        let path = OptionPath::of(["workloads", "shop", "volumes", "data dir"])
            .key("size")
            .index(2);
        assert_eq!(
            path.to_string(),
            "workloads.shop.volumes.\"data dir\".size[2]"
        );
    }

    #[test]
    fn a_hostile_name_stays_on_one_line() {
        let path = OptionPath::of(["workloads", "a\n\"b\u{1b}"]);
        assert_eq!(path.to_string(), "workloads.\"a\\n\\\"b\\u{1b}\"");
    }
}
