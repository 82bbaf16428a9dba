//! Workloads that have another name now: their subvolumes and the snapshots of them get it too. Nothing is copied, a container
//! that runs goes on, and the history goes along.

use std::path::Path;

use podman_btrfs_core::plan::{MountRole, Placement};

use super::{Closed, Run, Stopped};
use crate::action::{RenameSnapshots, RenameSubvolume};
use crate::ledger::PlannedVolume;
use crate::marker::Marker;
use crate::receipt::State;
use crate::system::Fault;

/// Renames what is to be renamed; returns what a dry run would have made by it, which is not looked into.
pub(super) fn rename(run: &mut Run) -> Result<Vec<Closed>, Stopped> {
    let failed = |fault| ("look for what was renamed".to_owned(), fault);
    let mut closed = Vec::new();
    for (from, to) in pairs(run).map_err(failed)? {
        let subvolume = RenameSubvolume {
            from: run.top.join(&from),
            to: run.top.join(&to),
            shown: (from.clone(), to.clone()),
        };
        let state = run.take(&subvolume);
        match state {
            State::Wanted => closed.push(Closed {
                path: run.top.join(&to),
                is_told: false,
            }),
            State::Already | State::Done => {}
            State::Refused(_) | State::Failed(_) => {
                closed.push(Closed::told(&run.top.join(&to)));
                continue;
            }
        }
        if let Some(directory) = run.filesystem.subvolume_of(MountRole::Snapshots) {
            let snapshots = RenameSnapshots {
                directory: run.top.join(directory.as_str()),
                from: last(&from).to_owned(),
                to: last(&to).to_owned(),
            };
            run.take(&snapshots);
        }
    }
    Ok(closed)
}

/// Subvolumes whose volumes have another name now, as they were and as they are planned.
fn pairs(run: &Run) -> Result<Vec<(String, String)>, Fault> {
    let mut pairs = Vec::new();
    for volume in run.ledger.planned_on(run.plan, run.name) {
        let Some((from, to)) = pair(run, &volume) else {
            continue;
        };
        let is_planned = |path: &str| {
            run.filesystem
                .subvolumes
                .iter()
                .any(|s| s.path.as_str() == path)
        };
        if pairs.contains(&(from.clone(), to.clone())) || is_planned(&from) {
            continue;
        }
        if is_ours(run, &volume)? {
            pairs.push((from, to));
        }
    }
    Ok(pairs)
}

fn pair(run: &Run, volume: &PlannedVolume) -> Option<(String, String)> {
    let former = volume.former.as_deref()?;
    let (_, known) = run.ledger.known(former, None)?;
    if known.filesystem != *run.name || known.path == volume.place.path {
        return None;
    }
    match volume.planned.placement {
        Placement::OwnSubvolume => Some((known.path.clone(), volume.place.path.clone())),
        Placement::GroupDirectory => {
            let (from, was) = known.path.rsplit_once('/')?;
            let (to, is) = volume.place.path.rsplit_once('/')?;
            (was == is && from != to).then(|| (from.to_owned(), to.to_owned()))
        }
    }
}

/// Whether what lies at the former place says that it is the volume. Where it says nothing it is taken for it, as it was made before
/// there were markers.
fn is_ours(run: &Run, volume: &PlannedVolume) -> Result<bool, Fault> {
    let former = volume.former.as_deref().unwrap_or_default();
    let Some((id, known)) = run.ledger.known(former, None) else {
        return Ok(false);
    };
    let at = |path: &str| -> Result<Option<bool>, Fault> {
        let path = run.top.join(path);
        if run.system.look(&path)?.is_none() {
            return Ok(None);
        }
        let marker = Marker::of(&path, run.system)?;
        Ok(Some(marker.is_none_or(|marker| marker.id == id)))
    };
    // Renamed already by a run that was ended there: what is left are its snapshots.
    Ok(at(&known.path)?
        .or(at(&volume.place.path)?)
        .unwrap_or(false))
}

fn last(path: &str) -> &str {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path)
}
