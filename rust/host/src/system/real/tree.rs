//! Whole trees: counted, and compared by what a reader of them could see, without trusting who copied them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, IFlags, Mode, OFlags, StatxFlags};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use walkdir::{DirEntry, WalkDir};

use super::{COMPRESSION, MARKER, file};
use crate::system::{Fault, Identity, Reading, Survey, TIME_OF_CHANGE};

/// Differences beyond these tell nothing more.
const MOST: usize = 20;
/// How many bytes are read at once.
const PIECE: usize = 1 << 18;
/// The unit of `st_blocks` (`stat(2)`).
const BLOCK: u64 = 512;

pub(super) fn identity(path: &Path) -> Result<Option<Identity>, Fault> {
    let wanted = StatxFlags::INO | StatxFlags::BTIME;
    let found = match rustix::fs::statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, wanted) {
        Ok(found) => found,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(file("look at", path)(error)),
    };
    if StatxFlags::from_bits_retain(found.stx_mask).contains(wanted) {
        let filesystem =
            rustix::fs::statvfs(path).map_err(file("ask for the filesystem of", path))?;
        return Ok(Some(Identity {
            filesystem: filesystem.f_fsid,
            inode: found.stx_ino,
            born_seconds: found.stx_btime.tv_sec,
            born_nanoseconds: found.stx_btime.tv_nsec,
        }));
    }
    Err(Fault::Unexpected(format!(
        "the filesystem of {} does not tell when files were made, so it could not be told from another one",
        path.display()
    )))
}

pub(super) fn survey(root: &Path) -> Result<Survey, Fault> {
    let device = look(root)?.dev();
    let mut survey = Survey::default();
    let mut counted = BTreeSet::new();
    let mut entries = WalkDir::new(root).into_iter();
    while let Some(entry) = entries.next() {
        let Some(entry) = present(entry, root)? else {
            continue;
        };
        // What a running application removes meanwhile is no fault.
        let found = match std::fs::symlink_metadata(entry.path()) {
            Ok(found) => found,
            Err(error) if is_gone(&error) => continue,
            Err(error) => return Err(file("look at", entry.path())(error)),
        };
        if found.dev() != device {
            survey.inside.push(entry.path().to_owned());
            entries.skip_current_dir();
        } else if found.is_dir() {
            survey.directories += 1;
        } else {
            survey.files += 1;
            if found.nlink() == 1 || counted.insert(found.ino()) {
                survey.bytes = survey
                    .bytes
                    .saturating_add(found.blocks().saturating_mul(BLOCK));
            }
        }
    }
    Ok(survey)
}

/// How files begin that are databases of `SQLite` ("Database File Format" of its manual).
const SQLITE: &[u8] = b"SQLite format 3\0";

pub(super) fn read_through(root: &Path) -> Result<Reading, Fault> {
    let device = look(root)?.dev();
    let mut reading = Reading {
        is_empty: true,
        ..Reading::default()
    };
    let mut buffer = vec![0; PIECE];
    let mut entries = WalkDir::new(root).into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.depth() == 0 => return Err(fault(error, root)),
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                let below = path.strip_prefix(root).unwrap_or(&path);
                reading.is_empty = false;
                reading.note_damaged(below, &std::io::Error::from(error));
                continue;
            }
        };
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        reading.is_empty &= entry.depth() == 0;
        match std::fs::symlink_metadata(entry.path()) {
            Ok(found) if found.dev() != device => entries.skip_current_dir(),
            Ok(found) if found.is_file() => {
                reading.files += 1;
                match read_file(entry.path(), &mut buffer, &mut reading.bytes) {
                    Ok(true) if reading.databases.len() < Reading::MOST_DATABASES => {
                        reading.databases.push(below.to_owned());
                    }
                    Ok(_) => {}
                    Err(error) => reading.note_damaged(below, &error),
                }
            }
            Ok(_) => {}
            Err(error) => reading.note_damaged(below, &error),
        }
    }
    Ok(reading)
}

/// Reads a file to its end; whether it is a database of `SQLite`.
fn read_file(path: &Path, buffer: &mut [u8], bytes: &mut u64) -> std::io::Result<bool> {
    let mut opened = File::from(open(path)?);
    let mut is_database = None;
    loop {
        let count = match opened.read(buffer) {
            Ok(0) => return Ok(is_database == Some(true)),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let begin = buffer.get(..count).unwrap_or_default();
        is_database.get_or_insert(begin.starts_with(SQLITE));
        *bytes = bytes.saturating_add(u64::try_from(count).unwrap_or(0));
    }
}

fn is_gone(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}

/// What is not there any more is `None`; the root always has to be.
fn present(entry: walkdir::Result<DirEntry>, root: &Path) -> Result<Option<DirEntry>, Fault> {
    match entry {
        Ok(entry) => Ok(Some(entry)),
        Err(error) if error.depth() > 0 && error.io_error().is_some_and(is_gone) => Ok(None),
        Err(error) => Err(fault(error, root)),
    }
}

fn fault(error: walkdir::Error, root: &Path) -> Fault {
    let path = error.path().unwrap_or(root).to_owned();
    file("walk through", &path)(std::io::Error::from(error))
}

fn look(path: &Path) -> Result<Metadata, Fault> {
    std::fs::symlink_metadata(path).map_err(file("look at", path))
}

/// The first regular file with content whose nodatacow attribute is not this.
pub(super) fn first_otherwise(root: &Path, nodatacow: bool) -> Result<Option<PathBuf>, Fault> {
    for entry in WalkDir::new(root) {
        let Some(entry) = present(entry, root)? else {
            continue;
        };
        if !entry.file_type().is_file() {
            continue;
        }
        let opened = match open(entry.path()) {
            Ok(opened) => opened,
            Err(Errno::NOENT) => continue,
            Err(error) => return Err(file("open", entry.path())(error)),
        };
        let flags = rustix::fs::ioctl_getflags(&opened);
        let flags = flags.map_err(file("read the attributes of", entry.path()))?;
        let size = rustix::fs::fstat(&opened)
            .map_err(file("look at", entry.path()))?
            .st_size;
        if size > 0 && flags.contains(IFlags::NOCOW) != nodatacow {
            return Ok(Some(entry.path().to_owned()));
        }
    }
    Ok(None)
}

fn open(path: &Path) -> Result<rustix::fd::OwnedFd, Errno> {
    // Without `NONBLOCK` a pipe in its place would hold us up for ever; to be read is no reason for a time of access.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::openat(CWD, path, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => rustix::fs::openat(CWD, path, flags, Mode::empty()),
        opened => opened,
    }
}

/// In what the copy differs from the source: nothing where the two are the same.
pub(super) fn differences(
    source: &Path,
    copy: &Path,
    contents: bool,
) -> Result<Vec<String>, Fault> {
    let (mut one, mut other) = (Tree::of(source), Tree::of(copy));
    let mut found = Vec::new();
    let (mut here, mut there) = (one.next()?, other.next()?);
    while found.len() < MOST {
        let is_before = |one: &Option<Entry>, other: &Option<Entry>| match (one, other) {
            (Some(one), Some(other)) => one.path < other.path,
            (one, other) => one.is_some() && other.is_none(),
        };
        let (is_missing, is_extra) = (is_before(&here, &there), is_before(&there, &here));
        let (entry, copied) = (
            here.as_ref().filter(|_| !is_extra),
            there.as_ref().filter(|_| !is_missing),
        );
        match (entry, copied) {
            (Some(entry), Some(copied)) => {
                let different = one.compare(entry, &mut other, copied, contents)?;
                found.extend(different.into_iter().map(|what| told(&entry.path, &what)));
            }
            (Some(entry), None) => found.push(told(&entry.path, "it is not in the copy")),
            (None, Some(copied)) => found.push(told(&copied.path, "it is only in the copy")),
            (None, None) => break,
        }
        if !is_extra {
            here = one.next()?;
        }
        if !is_missing {
            there = other.next()?;
        }
    }
    Ok(found)
}

fn told(path: &Path, what: &str) -> String {
    let shown = path.to_string_lossy();
    let shown = if shown.is_empty() { "." } else { &*shown };
    format!("{}: {what}", shown.escape_debug())
}

/// A tree, walked by names in the order of their bytes.
struct Tree<'a> {
    root: &'a Path,
    entries: walkdir::IntoIter,
    /// The first name of each file that has several.
    first_names: BTreeMap<(u64, u64), PathBuf>,
}

struct Entry {
    /// Below the root.
    path: PathBuf,
    full: PathBuf,
    found: Metadata,
}

impl<'a> Tree<'a> {
    fn of(root: &'a Path) -> Self {
        Self {
            root,
            entries: WalkDir::new(root).sort_by_file_name().into_iter(),
            first_names: BTreeMap::new(),
        }
    }

    fn next(&mut self) -> Result<Option<Entry>, Fault> {
        let Some(entry) = self.entries.next() else {
            return Ok(None);
        };
        let full = entry.map_err(|error| fault(error, self.root))?.into_path();
        let found = look(&full)?;
        let path = full.strip_prefix(self.root).unwrap_or(&full).to_owned();
        Ok(Some(Entry { path, full, found }))
    }

    /// The first name of the file that this is a name of.
    fn first_name(&mut self, entry: &Entry) -> PathBuf {
        if entry.found.is_dir() || entry.found.nlink() == 1 {
            return entry.path.clone();
        }
        let key = (entry.found.dev(), entry.found.ino());
        let known = self.first_names.entry(key);
        known.or_insert_with(|| entry.path.clone()).clone()
    }

    fn compare(
        &mut self,
        entry: &Entry,
        other: &mut Tree,
        copied: &Entry,
        contents: bool,
    ) -> Result<Vec<String>, Fault> {
        let mut different = facts(&entry.found, &copied.found);
        let names = (self.first_name(entry), other.first_name(copied));
        if names.0 != names.1 {
            different.push("it is linked to other files".into());
        }
        if attributes(&entry.full)? != attributes(&copied.full)? {
            different.push("its extended attributes or access control lists differ".into());
        }
        let (kind, copied_kind) = (entry.found.file_type(), copied.found.file_type());
        if kind != copied_kind {
            return Ok(different);
        }
        if kind.is_symlink() && target(&entry.full)? != target(&copied.full)? {
            different.push("it leads elsewhere".into());
        }
        // Another name of it was read before.
        let is_first = names.0 == entry.path;
        let is_same_size = entry.found.len() == copied.found.len();
        let is_read = contents && kind.is_file() && is_first && is_same_size;
        if is_read && hash(&entry.full)? != hash(&copied.full)? {
            different.push("its content differs".into());
        }
        Ok(different)
    }
}

/// What `stat` tells of the two differently.
fn facts(one: &Metadata, other: &Metadata) -> Vec<String> {
    let mut different = Vec::new();
    let mut hold = |what: &str, one: i64, other: i64| {
        if one != other {
            different.push(format!("its {what} is {one}, and {other} in the copy"));
        }
    };
    let of_mode = |found: &Metadata| i64::from(found.mode());
    hold("type and mode", of_mode(one), of_mode(other));
    hold("owner", one.uid().into(), other.uid().into());
    hold("group", one.gid().into(), other.gid().into());
    hold(TIME_OF_CHANGE, one.mtime(), other.mtime());
    hold(
        &format!("{TIME_OF_CHANGE} (nanoseconds)"),
        one.mtime_nsec(),
        other.mtime_nsec(),
    );
    if !one.is_dir() && one.len() != other.len() {
        different.push(format!(
            "it has {} bytes, and {} in the copy",
            one.len(),
            other.len()
        ));
    }
    let kind = one.file_type();
    if (kind.is_block_device() || kind.is_char_device()) && one.rdev() != other.rdev() {
        different.push("it is another device".into());
    }
    different
}

fn target(path: &Path) -> Result<PathBuf, Fault> {
    std::fs::read_link(path).map_err(file("read the link", path))
}

fn hash(path: &Path) -> Result<[u8; 32], Fault> {
    let mut opened = File::from(open(path).map_err(file("open", path))?);
    let mut piece = vec![0; PIECE];
    let mut hash = Sha256::new();
    loop {
        let length = opened.read(&mut piece).map_err(file("read", path))?;
        if length == 0 {
            return Ok(hash.finalize().into());
        }
        hash.update(&piece[..length]);
    }
}

/// Extended attributes, access control lists among them, without those that belong to a place and not to the data.
fn attributes(path: &Path) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, Fault> {
    let list = whole(|buffer| rustix::fs::llistxattr(path, buffer));
    let list = match list {
        Err(Errno::OPNOTSUPP) => return Ok(BTreeMap::new()),
        list => list.map_err(file("list the extended attributes of", path))?,
    };
    let mut found = BTreeMap::new();
    for name in list
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        if [COMPRESSION, MARKER]
            .iter()
            .any(|own| own.as_bytes() == name)
        {
            continue;
        }
        let value = whole(|buffer| rustix::fs::lgetxattr(path, name, buffer));
        let value = value.map_err(file("read an extended attribute of", path))?;
        found.insert(name.to_owned(), value);
    }
    Ok(found)
}

/// Reads into a buffer that grows until all of it fits.
fn whole(read: impl Fn(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
    /// More than the kernel gives: 64 KiB (`XATTR_SIZE_MAX`, `XATTR_LIST_MAX`).
    const LARGEST: usize = 1 << 17;
    let mut buffer = vec![0; 1 << 10];
    loop {
        match read(&mut buffer) {
            Err(Errno::RANGE) if buffer.len() < LARGEST => buffer.resize(LARGEST, 0),
            Err(error) => return Err(error),
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
        }
    }
}
