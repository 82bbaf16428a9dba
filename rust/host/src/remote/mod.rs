//! Targets of copies, read back: what lies there, and how one comes home.
//!
//! A target is a directory of another Btrfs on this host, or one that ssh reaches. Both are asked the same few questions by the same
//! programs, each with its list of arguments. At a target that is not trusted copies are encrypted files in place of subvolumes: another
//! way to the same stream. What lies there is read by the names that btrbk gives; a half received subvolume has no
//! received UUID, and is told as what it is.
//!
//! Nothing here changes a target.

mod directory;
mod fetch;
mod raw;
mod reach;
mod stream;
mod target;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::system::{Fault, System};

use podman_btrfs_core::observed::ObservedSubvolume;

pub use raw::{Lack, RawFile};
pub use target::{Form, Target};

/// A copy as it lies at a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteSnapshot {
    /// Its name, directly in the target's directory: `shop.20261127T071304+0000`.
    pub name: String,
    /// The series of its name.
    pub series: String,
    /// The time of its name, in seconds since 1970.
    pub taken: u64,
    /// Its own UUID there.
    pub uuid: String,
    /// The UUID of the snapshot that it was received from; `None`: it was not received to its end, and is not whole.
    pub received_uuid: Option<String>,
    /// Whether it is read-only; a whole copy is.
    pub read_only: bool,
    /// Its file, where it is no subvolume there.
    pub raw: Option<RawFile>,
}

impl RemoteSnapshot {
    /// Whether it was received to its end, and is as it was received.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let lacks = self.raw.as_ref().and_then(|raw| raw.lacks.as_ref());
        self.received_uuid.is_some() && self.read_only && lacks.is_none()
    }
}

/// A target that copies are read back from.
///
/// What is not to be reached now is [`Fault::Absent`]; everything else that fails is another fault.
pub trait Remote {
    /// What lies there, by name.
    fn list(&self) -> Result<Vec<RemoteSnapshot>, Fault>;
    /// The text of the attribute `trusted.podman-btrfs.snapshot` of each of these copies that carries one, by name.
    fn records(&self, names: &[&str]) -> Result<BTreeMap<String, String>, Fault>;
    /// About how many bytes of data the copy is, or what it adds to a parent that lies there too; metadata alone is read for it.
    fn size(&self, name: &str, parent: Option<&str>) -> Result<u64, Fault>;
    /// Brings a copy into a directory of a Btrfs here, under its own name, and returns where it is. With a parent (the name of a copy
    /// there, whose snapshot or copy is on that Btrfs too) only the difference is sent. One that is there already and is the same is
    /// not sent again; what a broken run left of it is deleted first, and what breaks leaves nothing half.
    fn fetch(&self, name: &str, into: &Path, parent: Option<&str>) -> Result<PathBuf, Fault>;
}

/// The subvolumes directly in a directory of this host, by name.
///
/// # Errors
/// When it is not of a Btrfs, or cannot be looked at.
pub fn here(
    system: &dyn System,
    directory: &Path,
) -> Result<BTreeMap<String, ObservedSubvolume>, Fault> {
    directory::here(system, directory)
}

/// Whether something here is the snapshot that a copy there was made of, or another copy of it, so that a difference may start from it.
#[must_use]
pub fn is_same(here: &ObservedSubvolume, there: &RemoteSnapshot) -> bool {
    fetch::is_same(here, there)
}

/// Whether what is of that name in a directory here was received by a run that ended before it was proven to be whole: it is no copy.
///
/// # Errors
/// When it cannot be looked at.
pub fn is_unproven(system: &dyn System, into: &Path, name: &str) -> Result<bool, Fault> {
    fetch::is_unproven(system, into, name)
}

/// About how many bytes of data a send of a snapshot here is, whole or from a parent; metadata alone is read for it.
///
/// # Errors
/// When `btrfs send` fails.
pub fn size_here(
    system: &dyn System,
    directory: &Path,
    name: &str,
    parent: Option<&str>,
) -> Result<u64, Fault> {
    let path = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let mut command = ["btrfs", "send", "-q", "--no-data"]
        .map(str::to_owned)
        .to_vec();
    if let Some(parent) = parent {
        command.extend(["-p".to_owned(), path(parent)]);
    }
    command.push(path(name));
    target::size(system, &command)
}
