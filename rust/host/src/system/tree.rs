//! Whole trees of files: what is in one, and in what two of them differ.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What of a tree's own directory is told by this name when two trees differ in it.
pub const TIME_OF_CHANGE: &str = "time of change";

/// Which directory it is, whatever its name: a later one at the same path is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// Number of the filesystem (`statvfs(3)`); each subvolume of a Btrfs has one of its own, which stays from mount to mount.
    pub filesystem: u64,
    /// Number of the inode.
    pub inode: u64,
    /// When it was made, in seconds since 1970.
    pub born_seconds: i64,
    /// The nanoseconds of that.
    pub born_nanoseconds: u32,
}

/// What is in a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Survey {
    /// Everything but directories, each name of a file with several counted.
    pub files: u64,
    /// Directories, itself among them.
    pub directories: u64,
    /// Bytes that are allocated before any compression; a file with several names counts once.
    pub bytes: u64,
    /// Subvolumes and mounts inside: what a copy of one filesystem leaves out.
    pub inside: Vec<PathBuf>,
}

/// What came of reading a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Regular files.
    pub files: u64,
    /// Their bytes that were read.
    pub bytes: u64,
    /// How many files and directories could not be read.
    pub damaged: u64,
    /// The first few of them, each with the kernel's answer.
    pub first_damaged: Vec<String>,
    /// The first few files that say at their beginning that they are databases of `SQLite`, below the root.
    pub databases: Vec<PathBuf>,
    /// Whether nothing at all is in it.
    pub is_empty: bool,
}

impl Reading {
    /// How many of a kind are named: our choice.
    pub const MOST: usize = 5;
    /// How many databases are remembered: our choice.
    pub const MOST_DATABASES: usize = 50;

    /// Takes note of what could not be read.
    pub fn note_damaged(&mut self, path: &std::path::Path, why: &dyn std::fmt::Display) {
        self.damaged += 1;
        if self.first_damaged.len() < Self::MOST {
            let shown = path.to_string_lossy();
            self.first_damaged
                .push(format!("{}: {why}", shown.escape_debug()));
        }
    }
}

/// Who uses a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users {
    /// Those who have something of it open, in words.
    pub found: Vec<String>,
    /// Where it, or a part of it, is mounted.
    pub mounted: Vec<Mounted>,
    /// Names of processes whose open files may not be looked at: only one that may do more than we may.
    pub unseen: Vec<String>,
}

/// A tree, or a part of it, that is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// Which part of it; empty: itself.
    pub part: PathBuf,
    /// By whom and where, in words.
    pub told: String,
}

impl Users {
    /// Whether anybody was found.
    #[must_use]
    pub fn are_known(&self) -> bool {
        !self.found.is_empty() || !self.mounted.is_empty()
    }

    /// Why what lies there, shown so, is not to be touched; `None`: nobody uses it, where the processes that may not be looked at are
    /// among those of which somebody says so.
    #[must_use]
    pub fn refusal(&self, shown: &str, not_used_by: &[String]) -> Option<String> {
        if self.are_known() {
            let mounted = self.mounted.iter().map(|mounted| &*mounted.told);
            let all = mounted.chain(self.found.iter().map(String::as_str));
            let first: Vec<&str> = all.take(5).collect();
            return Some(format!(
                "{shown} is in use: {}; stop that first",
                first.join("; ")
            ));
        }
        let mut unseen = self.unseen.iter();
        let name = unseen.find(|name| !not_used_by.contains(name))?;
        Some(format!(
            "what the process `{name}` has open may not be looked at from here; where you know that it does not use {shown}, say so by \
             `--not-used-by {name}`"
        ))
    }
}
