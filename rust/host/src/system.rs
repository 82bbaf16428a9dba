//! The one door to the machine: programs, files, attributes, the clock.
//!
//! Everything above it is written against [`System`], so that tests can put a machine in its place that
//! fails at a chosen step. Answers are three-way: present, absent (`None`), or a [`Fault`] when it could
//! not be found out; what could not be found out is never taken for absent.

mod extents;
pub mod fake;
mod real;
mod session;
mod tree;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

pub use extents::{Data, Extents, ROOT};
pub use real::RealSystem;
pub use session::{Line, Session};
pub use tree::{Identity, Mounted, Reading, Survey, TIME_OF_CHANGE, Users};

/// The machine, or a program on it, did not do what it was asked. Ends as exit code 2.
#[derive(Debug, Error)]
pub enum Fault {
    /// A program is not installed.
    #[error("the program `{program}` is missing; it is in {}", package_of(program))]
    ProgramMissing {
        /// Its name.
        program: String,
    },
    /// A program ended with an error.
    #[error("`{command}` failed with status {status}: {}", if stderr.trim().is_empty() { "it said nothing" } else { stderr.trim() })]
    Program {
        /// The command line, for reading only.
        command: String,
        /// Its exit status; -1 when a signal ended it.
        status: i32,
        /// What it said on standard error.
        stderr: String,
    },
    /// The kernel refused something about a file.
    #[error("cannot {what} {}: {source}", path.display())]
    File {
        /// What was tried: `read`, `create the directory` …
        what: &'static str,
        /// About which path.
        path: PathBuf,
        /// The kernel's answer.
        source: std::io::Error,
    },
    /// What comes and goes is not here now: a disk, a host.
    #[error("{what} is not to be reached: {why}")]
    Absent {
        /// What.
        what: String,
        /// How that was seen.
        why: String,
    },
    /// Something is not as it was said to be.
    #[error("{0}")]
    Unexpected(String),
}

/// Packages by program, as Debian and NixOS name them.
const PACKAGES: [(&str, &str, &str); 28] = [
    ("btrbk", "btrbk", "btrbk"),
    ("btrfs", "btrfs-progs", "btrfs-progs"),
    ("busybox", "busybox-static", "pkgsStatic.busybox"),
    ("chattr", "e2fsprogs", "e2fsprogs"),
    ("cp", "coreutils", "coreutils"),
    ("crun", "crun", "crun"),
    ("findmnt", "util-linux", "util-linux"),
    ("flock", "util-linux", "util-linux"),
    ("fstrim", "util-linux", "util-linux"),
    ("getent", "libc-bin", "getent"),
    ("getfattr", "attr", "attr"),
    ("losetup", "mount", "util-linux"),
    ("lsattr", "e2fsprogs", "e2fsprogs"),
    ("mkfs.btrfs", "btrfs-progs", "btrfs-progs"),
    ("mount", "mount", "util-linux"),
    ("podman", "podman", "podman"),
    ("rsync", "rsync", "rsync"),
    ("runuser", "util-linux", "util-linux"),
    ("setpriv", "util-linux", "util-linux"),
    ("snapper", "snapper", "snapper"),
    ("ssh", "openssh-client", "openssh"),
    ("systemctl", "systemd", "systemd"),
    ("systemd-run", "systemd", "systemd"),
    ("tar", "tar", "gnutar"),
    ("timeout", "coreutils", "coreutils"),
    ("udevadm", "udev", "systemd"),
    ("umount", "mount", "util-linux"),
    ("unshare", "util-linux", "util-linux"),
];

/// Where a program comes from, in words.
#[must_use]
pub fn package_of(program: &str) -> String {
    match PACKAGES.iter().find(|(name, _, _)| *name == program) {
        Some((_, debian, nixos)) => format!("Debian's package {debian}, in NixOS `pkgs.{nixos}`"),
        None => format!("a package of the name `{program}`"),
    }
}

/// What a program printed; it ended with status 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Standard output; what is no UTF-8 is replaced.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A program whose output is kept.
#[derive(Clone, Copy, Debug)]
pub struct Printing<'p> {
    /// Of the `PATH`.
    pub program: &'p str,
    /// Its arguments.
    pub arguments: &'p [&'p str],
    /// Variables in its environment.
    pub environment: &'p [(String, String)],
    /// How long it may take.
    pub limit: Duration,
}

/// What a program printed, kept in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many bytes.
    pub bytes: u64,
    /// The last 4096 of them at most; what is no UTF-8 is replaced.
    pub end: String,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// What kind of thing it is; links are not followed.
    pub kind: NodeKind,
    /// For directories: whether nothing is in it.
    pub is_empty: bool,
    /// Permission bits.
    pub mode: u32,
    /// Owning user.
    pub uid: u32,
    /// Owning group.
    pub gid: u32,
}

/// What kind of thing is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The root of a Btrfs subvolume.
    Subvolume,
    /// Any other directory.
    Directory,
    /// A regular file.
    File,
    /// A link, a device, a socket …
    Other,
}

/// What a new file is given by the directory that it is made in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Whether the nodatacow attribute is set.
    pub nodatacow: bool,
    /// The compression property, or `None` when none is set.
    pub compression: Option<String>,
}

/// What came of something that was put below a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// Nothing had the name.
    New,
    /// What had the name has the other one now.
    Beside,
}

/// Makes a directory and what is missing above it.
///
/// # Errors
/// When something above it cannot be looked at or made.
pub fn create_directories(system: &dyn System, path: &Path) -> Result<(), Fault> {
    if system.look(path)?.is_some() {
        return Ok(());
    }
    // Above a bare name is the empty path, where we are.
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        create_directories(system, above)?;
    }
    system.create_directory(path)
}

/// Deletes a subvolume, or a directory with all that is in it; what is not there is gone already. `shown` is how it is told of.
///
/// # Errors
/// When it is neither, or cannot be deleted.
pub(crate) fn delete_tree(
    system: &dyn System,
    path: &Path,
    shown: impl fmt::Display,
) -> Result<(), Fault> {
    match system.look(path)?.map(|node| node.kind) {
        None => Ok(()),
        Some(NodeKind::Subvolume) => system.delete_subvolume(path),
        Some(NodeKind::Directory) => system.delete_directory(path),
        Some(NodeKind::File | NodeKind::Other) => {
            Err(Fault::Unexpected(format!("{shown} is no directory")))
        }
    }
}

/// A machine.
pub trait System {
    /// Runs a program from the `PATH` with these arguments, in the C locale and without input.
    fn run(&self, program: &str, arguments: &[&str]) -> Result<Printed, Fault>;
    /// The same with variables in its environment, and ended where it takes longer than this.
    fn run_within(
        &self,
        program: &str,
        arguments: &[&str],
        environment: &[(String, String)],
        limit: Duration,
    ) -> Result<Printed, Fault>;
    /// Starts a program that is talked to, with variables in its environment; it is to end when its input does.
    fn session(
        &self,
        program: &str,
        arguments: &[&str],
        environment: &[(String, String)],
    ) -> Result<Box<dyn Session>, Fault>;
    /// Runs programs with their arguments, of the `PATH`, each with what the one before it prints as its input; `see` sees what the
    /// first one prints, and nobody what the last of several prints. One ends with an error: the fault is of the one that ended first,
    /// and not of those that then found nobody to read or to write. What ends us ends all of them.
    fn stream(&self, programs: &[&[&str]], see: &mut dyn FnMut(&[u8])) -> Result<(), Fault>;
    /// Runs a program and keeps what it prints in a new file in a directory, which may be a user's: a link on the way is a fault, and what
    /// has the name already too. Only root reads it; when this comes back, it ended well and all of it is on the disk. Where it does
    /// not, a part of the file may be left. What ends us ends the program.
    fn print_below(
        &self,
        printing: &Printing<'_>,
        directory: &Path,
        name: &str,
    ) -> Result<Written, Fault>;
    /// Removes a file, or a link, that has a name in a directory; it is no fault when there is none.
    fn remove_below(&self, directory: &Path, name: &str) -> Result<(), Fault>;
    /// Gives a file in a directory another name there: at every moment what had that name is there, or the file, and nothing of both is
    /// lost by a power cut.
    fn replace_below(&self, directory: &Path, from: &str, to: &str) -> Result<(), Fault>;
    /// What is at a path, or `None` when nothing is.
    fn look(&self, path: &Path) -> Result<Option<Node>, Fault>;
    /// Makes one directory; what is above it exists.
    fn create_directory(&self, path: &Path) -> Result<(), Fault>;
    /// Makes one subvolume; what is above it exists.
    fn create_subvolume(&self, path: &Path) -> Result<(), Fault>;
    /// Sets permission bits, then the owner. A link is refused, not followed.
    fn set_access(&self, path: &Path, mode: u32, uid: u32, gid: u32) -> Result<(), Fault>;
    /// Gives what is at a path another name on the same filesystem; what is at the new one already is not replaced.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), Fault>;
    /// Exchanges two paths at once: at every moment each of them is there.
    fn exchange(&self, one: &Path, other: &Path) -> Result<(), Fault>;
    /// Makes a read-only snapshot of a subvolume; its place is free, and what is above it exists.
    fn create_snapshot(&self, source: &Path, place: &Path) -> Result<(), Fault>;
    /// Makes snapshots that may be written to, each of a subvolume at a place that is free: all begun at once, so that the kernel
    /// commits few times for all of them.
    fn create_snapshots(&self, pairs: &[(PathBuf, PathBuf)]) -> Result<(), Fault>;
    /// Makes a snapshot of ours read-only.
    fn set_read_only(&self, path: &Path) -> Result<(), Fault>;
    /// Whether a subvolume is read-only.
    fn is_read_only(&self, path: &Path) -> Result<bool, Fault>;
    /// Makes a snapshot of a subvolume that can be written; its place is free, and what is above it exists.
    fn create_writable_snapshot(&self, source: &Path, place: &Path) -> Result<(), Fault>;
    /// Copies a file or a tree to a name below a directory. What is below may be a user's: a link on the way is a fault. What has
    /// that name stays, under the other one, which is free; the name itself is never missing.
    fn put_below(
        &self,
        source: &Path,
        directory: &Path,
        name: &str,
        aside: &str,
    ) -> Result<Put, Fault>;
    /// Deletes a subvolume with all that is in it; one that has subvolumes inside is refused by the kernel.
    fn delete_subvolume(&self, path: &Path) -> Result<(), Fault>;
    /// Deletes a directory of a subvolume with all that is in it, and does not leave that subvolume on the way.
    fn delete_directory(&self, path: &Path) -> Result<(), Fault>;
    /// Who a subvolume or directory says that it is ([`crate::marker`]), or `None` when it does not say.
    fn marker(&self, path: &Path) -> Result<Option<String>, Fault>;
    /// Writes who it is into it.
    fn set_marker(&self, path: &Path, text: &str) -> Result<(), Fault>;
    /// What a snapshot says of the group that it was taken with ([`crate::group::record`]), or `None` when it does not say.
    fn snapshot_record(&self, path: &Path) -> Result<Option<String>, Fault>;
    /// Writes that into a snapshot that is not read-only.
    fn set_snapshot_record(&self, path: &Path, text: &str) -> Result<(), Fault>;
    /// Takes away what [`Self::set_snapshot_record`] wrote; where nothing is, nothing is done.
    fn clear_snapshot_record(&self, path: &Path) -> Result<(), Fault>;
    /// User and group of an account, or `None` when there is no such account.
    fn account(&self, name: &str) -> Result<Option<(u32, u32)>, Fault>;
    /// Whether the nodatacow attribute is set.
    fn is_nodatacow(&self, path: &Path) -> Result<bool, Fault>;
    /// Sets the nodatacow attribute.
    fn set_nodatacow(&self, path: &Path) -> Result<(), Fault>;
    /// The compression property, or `None` when none is set.
    fn compression(&self, path: &Path) -> Result<Option<String>, Fault>;
    /// Sets the compression property.
    fn set_compression(&self, path: &Path, value: &str) -> Result<(), Fault>;
    /// What a new file in a directory is given: by one without a name, of which nothing stays whatever ends us.
    fn probe(&self, directory: &Path) -> Result<Probe, Fault>;
    /// Whether a file can be made in a directory, written and brought to the disk; it is removed again. False where there is no space
    /// for it; whatever else stands in the way is a fault.
    fn takes_writes(&self, directory: &Path) -> Result<bool, Fault>;
    /// The text of a file, or `None` when there is none.
    fn read(&self, path: &Path) -> Result<Option<String>, Fault>;
    /// Writes a file so that at every moment either the old text is there or the new one.
    fn write(&self, path: &Path, text: &str) -> Result<(), Fault>;
    /// The same of a file that everybody may read; a write that fails leaves nothing beside it.
    fn publish(&self, path: &Path, text: &str) -> Result<(), Fault>;
    /// Adds a line to a file of ours, which is made when there is none.
    fn append(&self, path: &Path, line: &str) -> Result<(), Fault>;
    /// Removes a file; it is no fault when there is none.
    fn remove_file(&self, path: &Path) -> Result<(), Fault>;
    /// The path that this one leads to, all links followed, or `None` when nothing is there.
    fn resolve(&self, path: &Path) -> Result<Option<PathBuf>, Fault>;
    /// The names in a directory, sorted, or `None` when there is none.
    fn list(&self, path: &Path) -> Result<Option<Vec<String>>, Fault>;
    /// The text of a regular file below a directory, or `None` when there is none. What is below may be a user's: a link
    /// on the way is a fault, nothing but a file is opened, and one that is larger than any list of ours is a fault.
    fn read_below(&self, directory: &Path, file: &str) -> Result<Option<String>, Fault>;
    /// The names in a directory below another one (itself: the empty name), sorted, or `None` when there is none; a link
    /// on the way is a fault.
    fn list_below(&self, directory: &Path, inside: &str) -> Result<Option<Vec<String>>, Fault>;
    /// A device's numbers as `major:minor`, links followed, or `None` when nothing is there.
    fn device_numbers(&self, path: &Path) -> Result<Option<String>, Fault>;
    /// Which directory it is, whatever its name, or `None` when nothing is there; links are not followed.
    fn identity(&self, path: &Path) -> Result<Option<Identity>, Fault>;
    /// What is in a tree; what is removed from it meanwhile is not counted.
    fn survey(&self, root: &Path) -> Result<Survey, Fault>;
    /// Reads every regular file of a tree to its end, and tells which could not be read: a checksum that does not fit is one. What is
    /// mounted inside, and subvolumes there, are left out.
    fn read_through(&self, root: &Path) -> Result<Reading, Fault>;
    /// In what a copy of a tree differs from its source, in words, the first few: types, modes, owners, times of change, sizes,
    /// targets of links, devices, links between files, extended attributes and access control lists, SHA-256 of contents. Not
    /// the compression property and the marker, which belong to a place.
    fn differences(&self, source: &Path, copy: &Path) -> Result<Vec<String>, Fault>;
    /// The same without the contents, for a copy that shares its source's blocks.
    fn differences_but_content(&self, source: &Path, copy: &Path) -> Result<Vec<String>, Fault>;
    /// The first file with content whose nodatacow attribute is not this.
    fn first_otherwise(&self, root: &Path, nodatacow: bool) -> Result<Option<PathBuf>, Fault>;
    /// What the tree of a subvolume says of its files' data, by its number, through any directory of its filesystem; `None`: there is
    /// no such subvolume. What was written and is not on its way to the disk yet is not in it.
    fn extents(&self, place: &Path, subvolume: u64) -> Result<Option<Extents>, Fault>;
    /// Who else has something of a tree open or mounted, in words; in namespaces of their own too, as far as `/proc` shows
    /// their processes.
    fn users(&self, root: &Path) -> Result<Users, Fault>;
    /// Waits.
    fn pause(&self, time: Duration);
    /// Seconds since 1970.
    fn now(&self) -> u64;
    /// The time since some moment, which nobody sets (`CLOCK_BOOTTIME`): the same for every process until the next boot.
    fn uptime(&self) -> Duration;
}
