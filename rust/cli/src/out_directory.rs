//! Artefacts on disk: a directory that holds a whole set of ours or none, and never loses what is not ours.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use podman_btrfs_emit::Artefact;

use crate::fault::Fault;

/// Lists what the directory holds of ours, one path a line. It is written before anything else, so that what
/// an interrupted run left behind is known as ours.
const LIST: &str = ".podman-btrfs-artefacts";
/// Begins the name of a file that is not complete yet.
const UNFINISHED: &str = ".podman-btrfs-new-";

/// What stands against writing: files that are not ours, where we would not write beside them.
#[derive(Debug)]
pub(crate) struct Foreign {
    /// Their paths below the directory, in order.
    pub(crate) paths: Vec<String>,
}

/// Writes the artefacts, each complete before it gets its name, and removes those of an earlier run that are
/// no longer among them.
pub(crate) fn write(
    directory: &Path,
    artefacts: &[Artefact],
) -> Result<Result<(), Foreign>, Fault> {
    let ours = listed(directory)?;
    let new: BTreeSet<&str> = artefacts
        .iter()
        .map(|artefact| artefact.path.as_str())
        .collect();
    let held = held(directory)?;
    let foreign: Vec<String> = held
        .iter()
        .filter(|path| !ours.contains(*path) && !is_own_name(path))
        .cloned()
        .collect();
    if !foreign.is_empty() {
        return Ok(Err(Foreign { paths: foreign }));
    }
    create_directory(directory)?;
    let both: BTreeSet<&str> = ours
        .iter()
        .map(String::as_str)
        .chain(new.iter().copied())
        .collect();
    put(directory, LIST, &lines(&both))?;
    for artefact in artefacts {
        stage(directory, &artefact.path, &artefact.text)?;
    }
    for artefact in artefacts {
        finish(directory, &artefact.path)?;
    }
    for stale in held
        .iter()
        .filter(|path| !new.contains(path.as_str()) && path.as_str() != LIST)
    {
        remove(&directory.join(stale))?;
    }
    put(directory, LIST, &lines(&new))?;
    Ok(Ok(()))
}

fn lines(paths: &BTreeSet<&str>) -> String {
    paths.iter().flat_map(|path| [*path, "\n"]).collect()
}

fn is_own_name(path: &str) -> bool {
    path == LIST
        || path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with(UNFINISHED))
}

/// What the list of an earlier run names.
fn listed(directory: &Path) -> Result<BTreeSet<String>, Fault> {
    let path = directory.join(LIST);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(source) => Err(Fault::Read { path, source }),
    }
}

/// All files below the directory, by path; none where there is no directory.
fn held(directory: &Path) -> Result<BTreeSet<String>, Fault> {
    let mut files = BTreeSet::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(below) = pending.pop() {
        let path = directory.join(&below);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error)
                if below.as_os_str().is_empty() && error.kind() == std::io::ErrorKind::NotFound =>
            {
                break;
            }
            Err(source) => return Err(Fault::Read { path, source }),
        };
        for entry in entries {
            let read =
                entry.and_then(|entry| Ok((below.join(entry.file_name()), entry.file_type()?)));
            let (name, kind) = read.map_err(|source| Fault::Read {
                path: path.clone(),
                source,
            })?;
            if kind.is_dir() {
                pending.push(name);
            } else {
                // A name that is not UTF-8 is none of ours, and is only shown.
                files.insert(name.to_string_lossy().into_owned());
            }
        }
    }
    Ok(files)
}

fn unfinished(directory: &Path, path: &str) -> PathBuf {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    directory.join(above).join(format!("{UNFINISHED}{name}"))
}

fn stage(directory: &Path, path: &str, text: &str) -> Result<(), Fault> {
    let file = unfinished(directory, path);
    if let Some(above) = file.parent() {
        create_directory(above)?;
    }
    fs::write(&file, text).map_err(|source| Fault::Write {
        what: "write",
        path: file,
        source,
    })
}

fn finish(directory: &Path, path: &str) -> Result<(), Fault> {
    let file = directory.join(path);
    fs::rename(unfinished(directory, path), &file).map_err(|source| Fault::Write {
        what: "write",
        path: file,
        source,
    })
}

fn put(directory: &Path, path: &str, text: &str) -> Result<(), Fault> {
    stage(directory, path, text)?;
    finish(directory, path)
}

fn create_directory(path: &Path) -> Result<(), Fault> {
    fs::create_dir_all(path).map_err(|source| Fault::Write {
        what: "create the directory",
        path: path.to_owned(),
        source,
    })
}

/// Removes a file of ours, and the directory that it leaves empty.
fn remove(file: &Path) -> Result<(), Fault> {
    match fs::remove_file(file) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(Fault::Write {
                what: "remove",
                path: file.to_owned(),
                source,
            });
        }
    }
    // Fails on a directory that is not empty, which is then kept.
    if let Some(above) = file.parent() {
        let _ = fs::remove_dir(above);
    }
    Ok(())
}
