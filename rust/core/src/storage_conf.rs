//! The keys of `storage.conf` that we may write, and the Podman versions that know each.
//!
//! Up to Podman 5 an unknown key is a warning on every command; from Podman 6 it is silent. A value of the
//! wrong type keeps either from starting. So what is written is held against this table first.

use crate::units::Version;

/// A key below `storage`.
#[derive(Debug)]
pub struct Key {
    /// Its name, with its tables: `options.overlay.mountopt`.
    pub path: &'static str,
    /// What stands to the right of it.
    pub kind: Kind,
    /// The first Podman that knows it: major and minor number. Absent: all that we plan for (4.0 and later).
    pub since: Option<(u32, u32)>,
    /// The first Podman that no longer heeds it. Absent: none.
    pub until: Option<(u32, u32)>,
}

/// The TOML type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// The texts `true` and `false`: containers-storage refuses a TOML boolean here.
    TextFlag,
    /// A TOML boolean: containers-storage refuses a text here.
    Flag,
    /// A list of texts.
    Texts,
}

const fn key(path: &'static str, kind: Kind) -> Key {
    Key {
        path,
        kind,
        since: None,
        until: None,
    }
}

const fn since(path: &'static str, kind: Kind, version: (u32, u32)) -> Key {
    Key {
        since: Some(version),
        ..key(path, kind)
    }
}

/// Every key that an emitter may write, by name. What Podman knows and is not here is never written:
/// `options.btrfs.min_space` and `options.btrfs.size` turn quotas on for the whole filesystem (and `size` ends
/// every command of Podman up to 5), `options.overlay.size` and `inodes` end every command on Btrfs,
/// `options.mountopt` does with the btrfs driver, and `options.overlay.use_composefs` is an experiment.
pub const KEYS: &[Key] = &[
    key("driver", Kind::Text),
    key("graphroot", Kind::Text),
    since("imagestore", Kind::Text, (4, 6)),
    key("options.additionalimagestores", Kind::Texts),
    key("options.overlay.mountopt", Kind::Text),
    since("options.overlay.sync", Kind::Text, (6, 0)),
    since(
        "options.pull_options.convert_images",
        Kind::TextFlag,
        (4, 7),
    ),
    key("options.pull_options.enable_partial_images", Kind::TextFlag),
    key("options.pull_options.use_hard_links", Kind::TextFlag),
    Key {
        until: Some((6, 0)),
        ..key("rootless_storage_path", Kind::Text)
    },
    key("runroot", Kind::Text),
    since("transient_store", Kind::Flag, (4, 4)),
];

/// The key of that path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

impl Key {
    /// Whether this Podman knows and heeds it; for an unknown version, whether every Podman does.
    #[must_use]
    pub fn is_valid_for(&self, podman: Option<&Version>) -> bool {
        match podman {
            Some(version) => {
                let reached = |(major, minor): (u32, u32)| version.at_least(major, minor);
                self.since.is_none_or(reached) && !self.until.is_some_and(reached)
            }
            None => self.since.is_none(),
        }
    }
}

/// Whether a key may be written for this Podman; false for one that is not in the table.
#[must_use]
pub fn is_valid(path: &str, podman: Option<&Version>) -> bool {
    find(path).is_some_and(|key| key.is_valid_for(podman))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Text;

    #[test]
    fn the_table_is_in_order_and_holds_nothing_twice() {
        assert!(KEYS.is_sorted_by(|a, b| a.path < b.path));
    }

    #[test]
    fn a_key_is_valid_from_its_first_podman_to_its_last() {
        let valid = |path, version| is_valid(path, Version::parse(version).ok().as_ref());
        assert!(!valid("options.overlay.sync", "5.8") && valid("options.overlay.sync", "6.0"));
        assert!(!valid("imagestore", "4.5.1") && valid("imagestore", "4.6"));
        assert!(valid("rootless_storage_path", "5.8.3") && !valid("rootless_storage_path", "6.0"));
        assert!(!valid("options.btrfs.size", "6.0"));
    }

    #[test]
    fn what_a_version_might_not_know_is_not_valid_for_an_unknown_one() {
        assert!(is_valid("driver", None) && is_valid("rootless_storage_path", None));
        assert!(!is_valid("options.overlay.sync", None) && !is_valid("transient_store", None));
    }
}
