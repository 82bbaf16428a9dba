//! Mount options of Btrfs: which belong to one mount, and which to the whole filesystem.

use std::collections::BTreeMap;

/// Options of each mount by itself, and of systemd and `fstab(5)`. All others hold for the whole filesystem.
pub const OF_EACH_MOUNT: [&str; 34] = [
    "_netdev",
    "atime",
    "auto",
    "defaults",
    "dev",
    "device",
    "diratime",
    "exec",
    "group",
    "noatime",
    "noauto",
    "nodev",
    "nodiratime",
    "noexec",
    "nofail",
    "norelatime",
    "nostrictatime",
    "nosuid",
    "nosymfollow",
    "nouser",
    "owner",
    "relatime",
    "ro",
    "rw",
    "strictatime",
    "subvol",
    "subvolid",
    "suid",
    "symfollow",
    "user",
    "users",
    "comment",
    "context",
    "rootcontext",
];

/// True for an option that the first mount sets for all mounts of the filesystem.
#[must_use]
pub fn holds_everywhere(option: &str) -> bool {
    let name = option.split_once('=').map_or(option, |(name, _)| name);
    !name.is_empty() && !name.starts_with("x-") && !OF_EACH_MOUNT.contains(&name)
}

/// The state that a list of options asks for on the whole filesystem, in one form whatever the spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WholeOptions(BTreeMap<String, String>);

impl WholeOptions {
    /// Reads a list of options; a later one replaces an earlier one of the same kind.
    #[must_use]
    pub fn of<'o>(options: impl IntoIterator<Item = &'o str>) -> Self {
        let mut whole = BTreeMap::new();
        for option in options
            .into_iter()
            .filter(|option| holds_everywhere(option))
        {
            let (kind, state) = canonical(option);
            // What the kernel does without the option is not asked for.
            if state == default_of(&kind) {
                whole.remove(&kind);
            } else {
                whole.insert(kind, state);
            }
        }
        Self(whole)
    }

    /// True when nothing but the kernel's own ways is asked for.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// What is asked for here and is otherwise there, as an option is written.
    #[must_use]
    pub fn beyond(&self, there: &Self) -> Vec<String> {
        self.0
            .iter()
            .filter(|(kind, state)| there.0.get(*kind) != Some(state))
            .map(|(kind, state)| written(kind, state))
            .collect()
    }

    /// The compression as an option is written; none is absent.
    #[must_use]
    pub fn compression(&self) -> Option<String> {
        self.0
            .get("compress")
            .map(|state| written("compress", state))
    }

    /// The algorithm and level of a forced compression.
    #[must_use]
    pub fn forced_compression(&self) -> Option<&str> {
        self.0.get("compress")?.strip_prefix("force=")
    }
}

/// Kind and state of an option; `nodatacow` and `datacow` are states of one kind.
fn canonical(option: &str) -> (String, String) {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    match name {
        "compress" => ("compress".into(), algorithm(value)),
        "compress-force" => match algorithm(value).as_str() {
            "no" => ("compress".into(), "no".into()),
            algorithm => ("compress".into(), format!("force={algorithm}")),
        },
        // Its value is a state, and no value is one too.
        "discard" if value.is_empty() => ("discard".into(), "sync".into()),
        "space_cache" if value.is_empty() => ("space_cache".into(), "v1".into()),
        _ if value.is_empty() => match name.strip_prefix("no") {
            Some(positive) => (positive.into(), "no".into()),
            None => (name.into(), "yes".into()),
        },
        _ => (name.into(), value.into()),
    }
}

/// Algorithm and level; what is left out is the kernel's choice (`btrfs(5)`: zlib and zstd have level 3).
fn algorithm(value: &str) -> String {
    match value {
        "" | "zlib" => "zlib:3".into(),
        "zstd" => "zstd:3".into(),
        "no" | "none" => "no".into(),
        other => other.into(),
    }
}

/// What holds where no mount says anything.
fn default_of(kind: &str) -> &'static str {
    match kind {
        "datacow" | "datasum" | "barrier" | "treelog" | "acl" => "yes",
        "space_cache" => "v2",
        "commit" => "30",
        _ => "no",
    }
}

fn written(kind: &str, state: &str) -> String {
    match (kind, state) {
        ("compress", state) => match state.strip_prefix("force=") {
            Some(algorithm) => format!("compress-force={algorithm}"),
            None => format!("compress={state}"),
        },
        ("discard", "sync") => "discard".into(),
        (kind, "yes") => kind.into(),
        (kind, "no") => format!("no{kind}"),
        (kind, state) => format!("{kind}={state}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(options: &[&str]) -> WholeOptions {
        WholeOptions::of(options.iter().copied())
    }

    #[test]
    fn what_is_spelt_differently_and_means_the_same_is_the_same() {
        assert_eq!(
            whole(&["compress=zstd"]),
            whole(&["compress=zstd:3", "noatime"])
        );
        assert_eq!(whole(&["compress"]), whole(&["compress=zlib"]));
        assert_eq!(whole(&["compress=zstd", "compress=no"]), whole(&["nofail"]));
        assert_eq!(whole(&["datacow", "barrier", "noautodefrag"]), whole(&[]));
        assert_ne!(whole(&["discard"]), whole(&["discard=async"]));
        assert_ne!(
            whole(&["compress=zstd:1"]),
            whole(&["compress-force=zstd:1"])
        );
    }

    #[test]
    fn options_of_each_mount_and_of_systemd_are_no_difference() {
        let own = [
            "noatime",
            "nofail",
            "subvol=/@",
            "x-systemd.after=a.service",
            "ro",
        ];
        assert!(whole(&own).is_nothing());
        assert!(holds_everywhere("nodatacow") && holds_everywhere("compress-force=zstd"));
    }

    #[test]
    fn a_difference_is_written_as_an_option() {
        let asked = whole(&[
            "compress-force=zstd:1",
            "nodatacow",
            "autodefrag",
            "commit=120",
        ]);
        assert_eq!(
            asked.beyond(&whole(&["autodefrag"])),
            ["commit=120", "compress-force=zstd:1", "nodatacow"]
        );
    }
}
