//! Writes into each volume who it is, and into the ledger where it lies.

use std::path::Path;

use super::Run;
use crate::action::SetMarker;
use crate::ledger::{Ledger, Place, PlannedVolume};
use crate::marker::Marker;
use crate::receipt::State;
use crate::system::{Fault, NodeKind};

/// Marks every volume that lies where it is planned.
pub(super) fn mark(run: &mut Run) {
    for volume in run.ledger.planned_on(run.plan, run.name) {
        let state = match wanted(run, &volume) {
            Ok(Ok(None)) => continue,
            Ok(Ok(Some(action))) => {
                if matches!(run.take(&action), State::Already | State::Done) {
                    remember(run, &volume, &action.marker.id);
                }
                continue;
            }
            Ok(Err(because)) => State::Refused(because),
            Err(fault) => State::Failed(fault.to_string()),
        };
        run.record(format!("mark {} as itself", volume.key), state);
    }
}

/// What a volume is to say, `None` where nothing lies that could, or why what lies there is not the volume.
fn wanted(run: &Run, volume: &PlannedVolume) -> Result<Result<Option<SetMarker>, String>, Fault> {
    let path = run.top.join(&volume.place.path);
    let kind = run.system.look(&path)?.map(|node| node.kind);
    if !matches!(kind, Some(NodeKind::Subvolume | NodeKind::Directory)) {
        return Ok(Ok(None));
    }
    let found = Marker::of(&path, run.system)?;
    let there = |place: &Place, id: &str| is_there(run, place, id);
    let id = match judge(volume, found.as_ref(), run.ledger, &there)? {
        Verdict::Is(id) => id,
        Verdict::New => Marker::born(&volume.key, run.system)?.id,
        Verdict::Other(because) => return Ok(Err(because)),
    };
    let marker = Marker {
        id,
        volume: volume.key.clone(),
    };
    Ok(Ok(Some(SetMarker { path, marker })))
}

fn remember(run: &mut Run, volume: &PlannedVolume, id: &str) {
    let ledger = &mut *run.ledger;
    // Under a former name, or under another one where somebody moved it by hand.
    ledger.rename(id, &volume.key);
    ledger.place(&volume.key, id, volume.place.clone(), run.system.now());
    ledger.declared_again(id, &volume.place);
}

/// Whether a volume of this identity lies at a place; what is on another filesystem is taken for there.
fn is_there(run: &Run, place: &Place, id: &str) -> Result<bool, Fault> {
    if place.filesystem != *run.name {
        return Ok(true);
    }
    let path = run.top.join(&place.path);
    if run.system.look(&path)?.is_none() {
        return Ok(false);
    }
    Ok(Marker::of(&path, run.system)?.is_some_and(|marker| marker.id == id))
}

/// Who lies at a volume's place.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The volume, of this identity.
    Is(String),
    /// Something that becomes the volume now: it says nothing of itself, or is a copy of another one.
    New,
    /// Something else, because …
    Other(String),
}

/// Tells by the marker, and by what the ledger knows. `is_there` says whether an identity lies at another place too.
fn judge(
    volume: &PlannedVolume,
    found: Option<&Marker>,
    ledger: &Ledger,
    is_there: &dyn Fn(&Place, &str) -> Result<bool, Fault>,
) -> Result<Verdict, Fault> {
    let known = ledger.known(&volume.key, volume.former.as_deref());
    let Some(found) = found else {
        // Copied by something that leaves such attributes out, or made before there were markers.
        return Ok(known.map_or(Verdict::New, |(id, _)| Verdict::Is(id.to_owned())));
    };
    if known.is_some_and(|(id, _)| id == found.id) {
        return Ok(Verdict::Is(found.id.clone()));
    }
    let is_own_name = found.volume == volume.key || volume.former.as_ref() == Some(&found.volume);
    match ledger.of_identity(&found.id) {
        // Restored, or of a host whose ledger is lost.
        None if is_own_name => Ok(Verdict::Is(found.id.clone())),
        Some((_, place)) if known.is_none() => {
            if *place != volume.place && is_there(place, &found.id)? {
                return Ok(Verdict::New);
            }
            Ok(Verdict::Is(found.id.clone()))
        }
        None | Some(_) => Ok(Verdict::Other(foreign(volume, found))),
    }
}

fn foreign(volume: &PlannedVolume, found: &Marker) -> String {
    let (key, path) = (&volume.key, &volume.place.path);
    let says = Path::new(&found.volume).display();
    format!(
        "what lies in {path} says that it is {says}, so it is not taken for {key}; put {key} there, or, if this is to be {key} from now on, \
         remove the extended attribute `trusted.podman-btrfs` of it, and apply again"
    )
}

#[cfg(test)]
mod tests;
