//! A copy is brought here.
//!
//! A note beside it, which is a lock as well, says that it is being received. What is of its name, is not whole and has such a note was
//! left by a broken run of ours, and is deleted before anything else; without a note it is somebody else's, and is left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::observed::ObservedSubvolume;

use super::{RemoteSnapshot, directory};
use crate::lock::Lock;
use crate::observe::snapshot_names;
use crate::system::{Fault, System};

/// The note's name, before the copy's.
const NOTE: &str = ".podman-btrfs-fetch-";

/// Behind the note of a copy that is only proven when all programs have ended well, and all of it is on the disk: the kernel says that
/// it is whole before it has written it (proof: `received-copy-is-whole-before-its-data`).
const UNPROVEN: &str = ".unproven";

/// What shows that a copy is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The kernel makes it read-only at the end of its stream, and nobody else has a word in it.
    ByTheKernel,
    /// gpg says at its very end whether anybody changed it: the kernel may be done by then.
    AtItsEnd,
}

/// Brings one here: what these commands print, each the input of the next.
pub(super) fn fetch(
    system: &dyn System,
    wanted: &RemoteSnapshot,
    commands: &[Vec<String>],
    into: &Path,
    proof: Proof,
) -> Result<PathBuf, Fault> {
    let into = system
        .resolve(into)?
        .ok_or_else(|| Fault::Unexpected(format!("{} is not there", into.display())))?;
    let here = into.join(&wanted.name);
    let note = into.join(format!("{NOTE}{}", wanted.name));
    let was_begun = system.look(&note)?.is_some();
    let _held = Lock::take_if_free(&note)?.ok_or_else(|| {
        Fault::Unexpected(format!("another run is bringing {} here", wanted.name))
    })?;
    let unproven = into.join(format!("{NOTE}{}{UNPROVEN}", wanted.name));
    // It is written where nothing of the name is, so what is of it was received, and by us.
    if system.look(&unproven)?.is_some() {
        let found = look(system, &into, &wanted.name)?;
        if found.is_some_and(|found| found.received_uuid.is_some() || !found.read_only) {
            system.delete_subvolume(&here)?;
        }
        system.remove_file(&unproven)?;
    }
    match look(system, &into, &wanted.name)? {
        Some(found) if is_same(&found, wanted) => {
            system.remove_file(&note)?;
            return Ok(here);
        }
        Some(found) if !was_begun || is_whole(&found) => {
            system.remove_file(&note)?;
            return Err(Fault::Unexpected(format!(
                "{} is there, is not the copy of that name, and was not left by a broken run of this program; move it away",
                here.display()
            )));
        }
        Some(_) => system.delete_subvolume(&here)?,
        None => {}
    }
    // Only what may bring in others of a chain needs to know what was here before.
    let mut before = BTreeMap::new();
    if proof == Proof::AtItsEnd {
        before = directory::here(system, &into)?;
    }
    system.write(&unproven, "received, and not yet proven to be whole\n")?;
    let received = receive(system, wanted, commands, &into);
    let left = received
        .is_err()
        .then(|| clear(system, &into, wanted, proof));
    if proof == Proof::AtItsEnd && received.is_err() {
        clear_others(system, &into, &before)?;
    }
    if matches!(left, None | Some(Left::Whole)) {
        let shown = into.to_string_lossy();
        system.run("btrfs", &["filesystem", "sync", "--", &shown])?;
    }
    if !matches!(left, Some(Left::Half)) {
        system.remove_file(&unproven)?;
    }
    match left {
        // The note stays, and the next run deletes what it speaks of.
        Some(Left::Half) => received.map(|()| here),
        // Who sent it was ended when all had arrived: the kernel took the stream's own end for it.
        Some(Left::Whole) => system.remove_file(&note).map(|()| here),
        Some(Left::Nothing) | None => {
            system.remove_file(&note)?;
            received.map(|()| here)
        }
    }
}

/// What a receiving that broke left.
enum Left {
    Nothing,
    Half,
    Whole,
}

fn receive(
    system: &dyn System,
    wanted: &RemoteSnapshot,
    commands: &[Vec<String>],
    into: &Path,
) -> Result<(), Fault> {
    let place = into.to_string_lossy();
    // What the stream names is looked up below that directory only: the target need not be trusted with more.
    let sink = ["btrfs", "receive", "-q", "-C", &place];
    let commands: Vec<Vec<&str>> = commands
        .iter()
        .map(|words| words.iter().map(String::as_str).collect())
        .collect();
    let mut all: Vec<&[&str]> = commands.iter().map(Vec::as_slice).collect();
    all.push(&sink);
    system.stream(&all, &mut |_| {})?;
    match look(system, into, &wanted.name)? {
        Some(found) if is_same(&found, wanted) => Ok(()),
        Some(_) | None => Err(Fault::Unexpected(format!(
            "what was sent as {} is not that copy",
            wanted.name
        ))),
    }
}

/// Takes away what this run left half.
fn clear(system: &dyn System, into: &Path, wanted: &RemoteSnapshot, proof: Proof) -> Left {
    let by_kernel = proof == Proof::ByTheKernel;
    match look(system, into, &wanted.name) {
        Ok(None) => Left::Nothing,
        Ok(Some(found)) if by_kernel && is_same(&found, wanted) => Left::Whole,
        // Whole, and another one: what came is not what was asked for, and stays for a person to look at.
        Ok(Some(found)) if by_kernel && is_whole(&found) => Left::Nothing,
        Ok(Some(_)) => match system.delete_subvolume(&into.join(&wanted.name)) {
            Ok(()) => Left::Nothing,
            Err(_) => Left::Half,
        },
        Err(_) => Left::Half,
    }
}

/// Takes away what came under another name than was asked for, from a host that is not trusted: what was not there before, was received,
/// and is not what another run of this program brings.
fn clear_others(
    system: &dyn System,
    into: &Path,
    before: &BTreeMap<String, ObservedSubvolume>,
) -> Result<(), Fault> {
    for (name, found) in directory::here(system, into)? {
        let is_received = found.received_uuid.is_some();
        let is_others = system.look(&into.join(format!("{NOTE}{name}")))?.is_some();
        if !before.contains_key(&name) && is_received && !is_others && is_copy(&name) {
            system.delete_subvolume(&into.join(&name))?;
        }
    }
    Ok(())
}

/// Whether a name is one that copies have: what stages beside them is not ours to judge.
fn is_copy(name: &str) -> bool {
    snapshot_names::btrbk(name).is_some() && !name.starts_with('.')
}

fn look(system: &dyn System, into: &Path, name: &str) -> Result<Option<ObservedSubvolume>, Fault> {
    Ok(directory::here(system, into)?.remove(name))
}

fn is_whole(found: &ObservedSubvolume) -> bool {
    found.received_uuid.is_some() || found.read_only
}

/// Whether what is of that name was received by a run that ended before it was proven to be whole.
pub(super) fn is_unproven(system: &dyn System, into: &Path, name: &str) -> Result<bool, Fault> {
    let unproven = into.join(format!("{NOTE}{name}{UNPROVEN}"));
    Ok(system.look(&unproven)?.is_some())
}

/// Whether something here is the snapshot that a copy there was made of, or another copy of it.
pub(super) fn is_same(here: &ObservedSubvolume, there: &RemoteSnapshot) -> bool {
    let came_from = here.received_uuid.as_ref();
    here.read_only
        && there.is_whole()
        && (there.received_uuid.as_ref() == Some(&here.uuid)
            || (came_from.is_some() && came_from == there.received_uuid.as_ref())
            || came_from == Some(&there.uuid))
}
