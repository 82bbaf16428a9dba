//! Who uses a tree: processes with something of it open, and mounts of it, in whatever namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use walkdir::WalkDir;

use super::file;
use crate::observe::mountinfo;
use crate::system::{Fault, Mounted, Users};

/// What a process holds by one link each, and by many.
const LINKS: [&str; 3] = ["cwd", "root", "exe"];
const LISTS: [&str; 2] = ["fd", "map_files"];

pub(super) fn users(root: &Path) -> Result<Users, Fault> {
    let root = std::fs::canonicalize(root).map_err(file("resolve", root))?;
    let mut users = Users {
        found: Vec::new(),
        mounted: mounts(&root)?,
        unseen: Vec::new(),
    };
    open_files(&root, &mut users)?;
    Ok(users)
}

fn processes() -> Result<Vec<String>, Fault> {
    let directory = Path::new("/proc");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(file("list", directory))? {
        let name = entry.map_err(file("list", directory))?.file_name();
        let name = name.to_string_lossy().into_owned();
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            names.push(name);
        }
    }
    Ok(names)
}

/// An answer about a process that may end while it is asked about.
fn of_process<T>(
    answer: std::io::Result<T>,
    process: &str,
    path: &Path,
) -> Result<Option<T>, Fault> {
    let error = match answer {
        Ok(found) => return Ok(Some(found)),
        Err(error) => error,
    };
    // One that is ending has no mounts any more, which is `INVAL`.
    let ending = [Errno::SRCH, Errno::INVAL].map(|errno| Some(errno.raw_os_error()));
    let is_gone = error.kind() == ErrorKind::NotFound || ending.contains(&error.raw_os_error());
    if is_gone || has_ended(process) {
        return Ok(None);
    }
    Err(file("find out what is used by looking at", path)(error))
}

/// A process that ended, and that nobody has asked for its result, shows nothing any more.
fn has_ended(process: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat"));
    state.map_or(true, |line| {
        // The name before it may hold anything, blanks and parentheses too.
        let rest = line.rsplit_once(") ").map_or("", |(_, rest)| rest);
        rest.starts_with(['Z', 'X'])
    })
}

fn name_of(process: &str) -> String {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    name.trim().escape_debug().to_string()
}

fn shown(process: &str) -> String {
    format!("process {process} ({})", name_of(process))
}

/// The numbers of the inodes of a device that are open, and by which processes.
type Open = BTreeMap<u64, BTreeSet<String>>;

fn open_files(root: &Path, users: &mut Users) -> Result<(), Fault> {
    let found = std::fs::symlink_metadata(root).map_err(file("look at", root))?;
    let own = std::process::id().to_string();
    let mut open = Open::new();
    for process in processes()?.into_iter().filter(|process| *process != own) {
        match note_open(&process, found.dev(), &mut open) {
            Ok(()) => {}
            Err(Fault::File { source, .. }) if source.kind() == ErrorKind::PermissionDenied => {
                users.unseen.push(name_of(&process));
            }
            Err(fault) => return Err(fault),
        }
    }
    if !open.is_empty() {
        users.found.extend(named(root, found.dev(), &open)?);
    }
    Ok(())
}

fn note_open(process: &str, device: u64, open: &mut Open) -> Result<(), Fault> {
    for link in links(process)? {
        // The link leads to the open file itself, whatever its name is by now.
        let found = of_process(std::fs::metadata(&link), process, &link)?;
        if let Some(found) = found.filter(|found| found.dev() == device) {
            let holders = open.entry(found.ino()).or_default();
            holders.insert(process.to_owned());
        }
    }
    Ok(())
}

/// Those of the open files that are in a tree.
fn named(root: &Path, device: u64, open: &Open) -> Result<Vec<String>, Fault> {
    let mut told = Vec::new();
    for entry in WalkDir::new(root) {
        let is_gone = |error: &std::io::Error| error.kind() == ErrorKind::NotFound;
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.io_error().is_some_and(is_gone) => continue,
            Err(error) => return Err(file("walk through", root)(std::io::Error::from(error))),
        };
        let found = match std::fs::symlink_metadata(entry.path()) {
            Ok(found) => found,
            Err(error) if is_gone(&error) => continue,
            Err(error) => return Err(file("look at", entry.path())(error)),
        };
        let holders = open.get(&found.ino()).filter(|_| found.dev() == device);
        for process in holders.into_iter().flatten() {
            let name = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let name = name.to_string_lossy();
            told.push(format!(
                "{} has `{}` open",
                shown(process),
                name.escape_debug()
            ));
        }
    }
    Ok(told)
}

fn links(process: &str) -> Result<Vec<PathBuf>, Fault> {
    let directory = Path::new("/proc").join(process);
    let mut links: Vec<PathBuf> = LINKS.iter().map(|link| directory.join(link)).collect();
    for list in LISTS.map(|list| directory.join(list)) {
        let Some(entries) = of_process(std::fs::read_dir(&list), process, &list)? else {
            continue;
        };
        for entry in entries {
            if let Some(entry) = of_process(entry, process, &list)? {
                links.push(entry.path());
            }
        }
    }
    Ok(links)
}

/// Mounts of the tree or of something in it, each namespace looked at once.
fn mounts(root: &Path) -> Result<Vec<Mounted>, Fault> {
    let (device, place) = place_of(root)?;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut told = Vec::new();
    for process in processes()? {
        let path = PathBuf::from(format!("/proc/{process}/mountinfo"));
        let text = of_process(std::fs::read_to_string(&path), &process, &path)?;
        // Most processes are in one namespace, and each namespace is looked at once.
        let Some(text) = text.filter(|text| seen.insert(text.clone())) else {
            continue;
        };
        for (of, mount) in parse(&text, &path)? {
            let inside = Path::new(&mount.root).strip_prefix(&place);
            if let Some(part) = inside.ok().filter(|_| of == device) {
                let at = mount.mount_point.escape_debug();
                told.push(Mounted {
                    part: part.to_owned(),
                    told: format!("{} has it mounted at {at}", shown(&process)),
                });
            }
        }
    }
    Ok(told)
}

/// The device of a path as mounts tell it, and where it lies on that.
fn place_of(path: &Path) -> Result<(String, PathBuf), Fault> {
    let own = Path::new("/proc/self/mountinfo");
    let text = std::fs::read_to_string(own).map_err(file("read", own))?;
    let all = parse(&text, own)?;
    let mounts: Vec<_> = all.iter().map(|(_, mount)| mount.clone()).collect();
    let unknown = || Fault::Unexpected(format!("no mount holds {}", path.display()));
    let covering = mountinfo::covering(&mounts, path).ok_or_else(unknown)?;
    let same = all.iter().find(|(_, mount)| mount.id == covering.id);
    let (device, _) = same.ok_or_else(unknown)?;
    let below = path
        .strip_prefix(&covering.mount_point)
        .map_err(|_| unknown())?;
    let place = Path::new(&covering.root).join(below).components().collect();
    Ok((device.clone(), place))
}

fn parse(text: &str, path: &Path) -> Result<Vec<(String, mountinfo::MountInfo)>, Fault> {
    let unknown = |line: &str| Fault::Unexpected(format!("{} holds `{line}`", path.display()));
    let mounts = mountinfo::parse(text).map_err(|line| unknown(&line))?;
    let devices = text.lines().map(|line| line.split(' ').nth(2));
    let paired = devices.zip(mounts).map(|(device, mount)| {
        let device = device.ok_or_else(|| unknown(&mount.mount_point))?;
        Ok((device.to_owned(), mount))
    });
    paired.collect()
}
