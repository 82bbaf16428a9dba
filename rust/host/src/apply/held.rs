//! Volumes whose data lies elsewhere than planned: no empty place is made beside it.

use std::path::Path;

use podman_btrfs_core::plan::{Placement, VolumePlan};

use super::{Closed, Run, Stopped};
use crate::ledger::{Left, Place, PlannedVolume, Why};
use crate::receipt::State;
use crate::system::{Fault, System};

/// Records each such volume, and returns what is not to be made.
pub(super) fn hold_back(run: &mut Run) -> Result<Vec<Closed>, Stopped> {
    let failed = |fault| ("look for where its volumes lie".to_owned(), fault);
    let mut closed = Vec::new();
    for volume in run.ledger.planned_on(run.plan, run.name) {
        let held = held(run, &volume).map_err(failed)?;
        let Some((path, because)) = held else {
            continue;
        };
        let action = format!("make a place for {}", volume.key);
        run.record(action, State::Refused(because));
        closed.push(Closed::told(&run.top.join(path)));
    }
    Ok(closed)
}

/// What is not made, below the top level, and why; `None` where the volume lies where it is planned, or is new.
fn held(run: &mut Run, volume: &PlannedVolume) -> Result<Option<(String, String)>, Fault> {
    let place = &volume.place;
    if run.system.look(&run.top.join(&place.path))?.is_some() {
        return Ok(None);
    }
    let path = first_missing(&place.path, volume.planned, &run.top, run.system)?;
    if run.unreadable.is_some() {
        let because =
            "whether its data lies elsewhere is not known, because the ledger is not understood";
        return Ok(Some((path, because.into())));
    }
    let known = run.ledger.known(&volume.key, volume.former.as_deref());
    let Some((id, known)) = known.map(|(id, known)| (id.to_owned(), known.clone())) else {
        return Ok(None);
    };
    if !holds_data(&known, run)? {
        return Ok(None);
    }
    if volume.is_worthless {
        begin_anew(run, volume, id, known);
        return Ok(None);
    }
    let because = elsewhere(&known, place, &path, volume);
    Ok(Some((path, because)))
}

/// What is declared to be worth nothing is not moved: the old stays until somebody ends it.
fn begin_anew(run: &mut Run, volume: &PlannedVolume, id: String, place: Place) {
    let was = volume
        .former
        .as_ref()
        .filter(|former| run.ledger.volumes.contains_key(*former));
    let key = was.unwrap_or(&volume.key).clone();
    if run.ledger.volumes.remove(&key).is_none() {
        return;
    }
    let now = run.system.now();
    let left = Left {
        volume: key,
        id,
        place,
        since: now,
        grace_until: now,
        why: Why::BegunAnew,
        last_snapshot: None,
        retiring: false,
    };
    run.ledger.left.push(left);
}

/// Whether something is at the place where it was. What is on another filesystem is not looked at and taken for there.
fn holds_data(known: &Place, run: &Run) -> Result<bool, Fault> {
    if known.filesystem != *run.name {
        return Ok(true);
    }
    let node = run.system.look(&run.top.join(&known.path))?;
    Ok(node.is_some_and(|node| !node.is_empty))
}

/// What is not made: the volume's directory, or the whole subvolume that is not there either, so that all of it can be
/// renamed at once.
fn first_missing(
    path: &str,
    planned: &VolumePlan,
    top: &Path,
    system: &dyn System,
) -> Result<String, Fault> {
    let subvolume = planned.subvolume.as_str();
    let missing = system.look(&top.join(subvolume))?.is_none();
    Ok(if missing { subvolume } else { path }.to_owned())
}

fn elsewhere(known: &Place, place: &Place, missing: &str, volume: &PlannedVolume) -> String {
    let old = &known.path;
    let same_filesystem = known.filesystem == place.filesystem;
    let from = if same_filesystem {
        old.clone()
    } else {
        format!("{old} on the filesystem {}", known.filesystem)
    };
    let new = &place.path;
    // The volume's name is the last part of a directory's path, so a whole group is renamed by what comes before.
    let renamed = volume.planned.placement == Placement::GroupDirectory && missing != place.path;
    let by_hand = match (old.rsplit_once('/'), new.rsplit_once('/')) {
        (Some((old_group, was)), Some((new_group, is)))
            if same_filesystem && renamed && was == is =>
        {
            format!("rename the subvolume {old_group} to {new_group}")
        }
        _ if volume.planned.placement == Placement::OwnSubvolume => {
            format!("make the subvolume {new} and move what is in {old} into it")
        }
        _ => format!("move {old} to {new}"),
    };
    format!(
        "its data lies in {from}, and an empty {new} would look like a loss; `podman-btrfs migrate PLAN {}` moves it, or by hand: stop \
         what uses it, {by_hand}, and apply again; to begin anew, move {old} away",
        volume.key
    )
}
