//! Names that the user chooses. They become file names, unit names and configuration sections, so the
//! alphabet is the one that needs no quoting in any of them.

use std::fmt;
use std::marker::PhantomData;

use super::text::{Text, text_serde};

/// The longest name: a file name may have 255 bytes, and ours get prefixes, suffixes and timestamps.
const MAX_LENGTH: usize = 64;

/// A name of something declared; `Kind` keeps a workload's name from being used for a volume's.
pub struct Name<Kind>(String, PhantomData<fn() -> Kind>);

/// Markers that tell one kind of [`Name`] from another.
mod kind {
    #[derive(Debug)]
    pub enum Filesystem {}
    #[derive(Debug)]
    pub enum Workload {}
    #[derive(Debug)]
    pub enum Volume {}
    #[derive(Debug)]
    pub enum Policy {}
    #[derive(Debug)]
    pub enum Target {}
}

/// Name of a filesystem, `filesystems.<name>`.
pub type FilesystemName = Name<kind::Filesystem>;
/// Name of a workload, `workloads.<name>`.
pub type WorkloadName = Name<kind::Workload>;
/// Name of a volume, `workloads.<name>.volumes.<name>`.
pub type VolumeName = Name<kind::Volume>;
/// Name of a policy, `policies.<name>`.
pub type PolicyName = Name<kind::Policy>;
/// Name of a target, `targets.<name>`.
pub type TargetName = Name<kind::Target>;

impl<Kind> Name<Kind> {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<Kind> Text for Name<Kind> {
    const FORMAT: &'static str = "podman-btrfs-name";
    const EXPECTED: &'static str = "a name: 1 to 64 of a-z, A-Z, 0-9, `_`, `-` and `.`, beginning with a letter or a digit, without `..`";
    const PATTERN: &'static str = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";

    fn parse(text: &str) -> Result<Self, String> {
        check_name(text, |c| matches!(c, '_' | '-' | '.'))
            .map_err(|why| format!("`{}` is not {}: {why}", shown(text), Self::EXPECTED))?;
        Ok(Self(text.to_owned(), PhantomData))
    }
}

fn check_name(text: &str, punctuation: fn(char) -> bool) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.len() > MAX_LENGTH {
        return Err(format!("it has {} bytes", text.len()));
    }
    if let Some(bad) = text
        .chars()
        .find(|&c| !(c.is_ascii_alphanumeric() || punctuation(c)))
    {
        return Err(format!("it holds `{}`", bad.escape_debug()));
    }
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err("it begins with punctuation".into());
    }
    if text.contains("..") {
        return Err("it holds `..`".into());
    }
    Ok(())
}

/// A refused value for a message: one line, and never longer than one reads.
pub(super) fn shown(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut line: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        line.push('…');
    }
    line
}

/// Name of a container as Podman knows it (`podman run --name`): the same alphabet as [`Name`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerName(String);

impl ContainerName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The container of the `index`th copy of a workload: the first keeps the declared name.
    #[must_use]
    pub fn replica(&self, index: u32) -> Self {
        if index <= 1 {
            self.clone()
        } else {
            Self(format!("{}-{index}", self.0))
        }
    }
}

impl Text for ContainerName {
    const FORMAT: &'static str = "podman-btrfs-container-name";
    const EXPECTED: &'static str = "a container's name: 1 to 64 of a-z, A-Z, 0-9, `_`, `-` and `.`, beginning with a letter or a digit";
    const PATTERN: &'static str = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";

    fn parse(text: &str) -> Result<Self, String> {
        check_name(text, |c| matches!(c, '_' | '-' | '.'))
            .map_err(|why| format!("`{}` is not {}: {why}", shown(text), Self::EXPECTED))?;
        Ok(Self(text.to_owned()))
    }
}

/// Name of a user account that owns a rootless store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserName(String);

impl UserName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for UserName {
    const FORMAT: &'static str = "podman-btrfs-user-name";
    const EXPECTED: &'static str = "a user's name: 1 to 31 of a-z, 0-9, `_` and `-`, beginning with a letter or `_` (what shadow and systemd accept alike)";
    const PATTERN: &'static str = "^[a-z_][a-z0-9_-]{0,30}$";

    fn parse(text: &str) -> Result<Self, String> {
        let mut characters = text.chars();
        let ok = text.len() <= 31
            && characters
                .next()
                .is_some_and(|c| c.is_ascii_lowercase() || c == '_')
            && characters
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
        if ok {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{}` is not {}", shown(text), Self::EXPECTED))
        }
    }
}

macro_rules! name_like {
    ($(@$generic:ident)? $type:ty) => {
        impl$(<$generic>)? fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        text_serde!($(@$generic)? $type);
    };
}
name_like!(@Kind Name<Kind>);
name_like!(ContainerName);
name_like!(UserName);

// Derives would ask `Kind` for the same traits, which the empty markers need not have.
impl<Kind> Clone for Name<Kind> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}
impl<Kind> fmt::Debug for Name<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({:?})", self.0)
    }
}
impl<Kind> PartialEq for Name<Kind> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<Kind> Eq for Name<Kind> {}
impl<Kind> PartialOrd for Name<Kind> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<Kind> Ord for Name<Kind> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for name in ["shop", "a", "Shop-2_x.y", "0day"] {
            assert_eq!(WorkloadName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn hostile_names_are_refused_with_the_reason() {
        let long = "x".repeat(300);
        for (name, reason) in [
            ("", "it is empty"),
            ("..", "it begins with punctuation"),
            ("a..b", "it holds `..`"),
            ("a b", "it holds ` `"),
            ("a/b", "it holds `/`"),
            ("a\nb", "it holds `\\n`"),
            ("-rf", "it begins with punctuation"),
            ("${x}", "it holds `$`"),
            ("%n", "it holds `%`"),
            ("é", "it holds `é`"),
            (long.as_str(), "it has 300 bytes"),
        ] {
            let message = VolumeName::parse(name).unwrap_err();
            assert!(message.ends_with(reason), "{message}");
            assert!(
                !message.contains('\n') && message.chars().count() < 300,
                "{message}"
            );
        }
    }

    #[test]
    fn the_first_replica_keeps_the_declared_name() {
        let name = ContainerName::parse("web").unwrap();
        assert_eq!(name.replica(1).as_str(), "web");
        assert_eq!(name.replica(7).as_str(), "web-7");
    }
}
