//! A copy is brought here.
//!
//! A note beside it, which is a lock as well, says that it is being received. What is of its name, is not whole and has such a note was
//! left by a broken run of ours, and is deleted before anything else; without a note it is somebody else's, and is left.

use std::path::{Path, PathBuf};

use podman_btrfs_core::observed::ObservedSubvolume;

use super::{RemoteSnapshot, directory};
use crate::lock::Lock;
use crate::system::{Fault, System};

/// The note's name, before the copy's.
const NOTE: &str = ".podman-btrfs-fetch-";

pub(super) fn fetch(
    system: &dyn System,
    wanted: &RemoteSnapshot,
    command: &[String],
    into: &Path,
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
    let received = receive(system, wanted, command, &into);
    let left = received.is_err().then(|| clear(system, &into, wanted));
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
    command: &[String],
    into: &Path,
) -> Result<(), Fault> {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let place = into.to_string_lossy();
    // What the stream names is looked up below that directory only: the target need not be trusted with more.
    let sink = ["btrfs", "receive", "-q", "-C", &place];
    system.stream(&words, Some(&sink), &mut |_| {})?;
    match look(system, into, &wanted.name)? {
        Some(found) if is_same(&found, wanted) => Ok(()),
        Some(_) | None => Err(Fault::Unexpected(format!(
            "what was sent as {} is not that copy",
            wanted.name
        ))),
    }
}

/// Takes away what this run left half.
fn clear(system: &dyn System, into: &Path, wanted: &RemoteSnapshot) -> Left {
    match look(system, into, &wanted.name) {
        Ok(None) => Left::Nothing,
        Ok(Some(found)) if is_same(&found, wanted) => Left::Whole,
        // Whole, and another one: what came is not what was asked for, and stays for a person to look at.
        Ok(Some(found)) if is_whole(&found) => Left::Nothing,
        Ok(Some(_)) => match system.delete_subvolume(&into.join(&wanted.name)) {
            Ok(()) => Left::Nothing,
            Err(_) => Left::Half,
        },
        Err(_) => Left::Half,
    }
}

fn look(system: &dyn System, into: &Path, name: &str) -> Result<Option<ObservedSubvolume>, Fault> {
    Ok(directory::here(system, into)?.remove(name))
}

fn is_whole(found: &ObservedSubvolume) -> bool {
    found.received_uuid.is_some() || found.read_only
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
