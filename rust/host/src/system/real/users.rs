//! Who uses a tree: processes with something of it open, and mounts of it, in whatever namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use walkdir::WalkDir;

use super::file;
use crate::observe::mountinfo;
use crate::system::Fault;

/// What a process holds by one link each, and by many.
const LINKS: [&str; 3] = ["cwd", "root", "exe"];
const LISTS: [&str; 2] = ["fd", "map_files"];

pub(super) fn users(root: &Path) -> Result<Vec<String>, Fault> {
    let root = std::fs::canonicalize(root).map_err(file("resolve", root))?;
    let mut found = mounts(&root)?;
    found.extend(open_files(&root)?);
    Ok(found)
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
    let is_gone = error.kind() == ErrorKind::NotFound
        || error.raw_os_error() == Some(Errno::SRCH.raw_os_error());
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
    format!("process {process} ({})", name.trim().escape_debug())
}

fn open_files(root: &Path) -> Result<Vec<String>, Fault> {
    let device = std::fs::symlink_metadata(root)
        .map_err(file("look at", root))?
        .dev();
    let own = std::process::id().to_string();
    let mut open: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for process in processes()?.into_iter().filter(|process| *process != own) {
        for link in links(&process)? {
            // The link leads to the open file itself, whatever its name is by now.
            let found = of_process(std::fs::metadata(&link), &process, &link)?;
            if let Some(found) = found.filter(|found| found.dev() == device) {
                open.entry(found.ino()).or_default().insert(process.clone());
            }
        }
    }
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let mut told = Vec::new();
    for entry in WalkDir::new(root) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error)
                if error
                    .io_error()
                    .is_some_and(|e| e.kind() == ErrorKind::NotFound) =>
            {
                continue;
            }
            Err(error) => return Err(file("walk through", root)(std::io::Error::from(error))),
        };
        let Ok(found) = std::fs::symlink_metadata(entry.path()) else {
            continue;
        };
        let holders = open.get(&found.ino()).filter(|_| found.dev() == device);
        for process in holders.into_iter().flatten() {
            let shown = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let shown = shown.to_string_lossy();
            told.push(format!(
                "{} has `{}` open",
                name_of(process),
                shown.escape_debug()
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
fn mounts(root: &Path) -> Result<Vec<String>, Fault> {
    let (device, place) = place_of(root)?;
    let mut seen = BTreeSet::new();
    let mut told = Vec::new();
    for process in processes()? {
        let space = PathBuf::from(format!("/proc/{process}/ns/mnt"));
        let Some(space) = of_process(std::fs::read_link(&space), &process, &space)? else {
            continue;
        };
        if !seen.insert(space.clone()) {
            continue;
        }
        let path = PathBuf::from(format!("/proc/{process}/mountinfo"));
        let Some(text) = of_process(std::fs::read_to_string(&path), &process, &path)? else {
            // Another process may show the same namespace.
            seen.remove(&space);
            continue;
        };
        for (of, mount) in parse(&text, &path)? {
            if of == device && Path::new(&mount.root).starts_with(&place) {
                let at = mount.mount_point.escape_debug();
                told.push(format!("{} has it mounted at {at}", name_of(&process)));
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
