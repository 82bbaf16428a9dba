//! Volumes that are no longer declared: their data stays where it is, with a last snapshot, until `retire` is asked for it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use podman_btrfs_core::plan::MountRole;

use super::{Run, Stopped};
use crate::action::TakeSnapshot;
use crate::ledger::{Entry, GRACE_SECONDS, LastSnapshot, Left, Why};
use crate::receipt::State;
use crate::system::{Fault, NodeKind};

/// The directory of last snapshots, in the subvolume of btrbk's snapshots where one is planned, else in that of the volumes.
const LAST: &str = ".podman-btrfs-last";

/// Leaves what is no longer declared.
pub(super) fn leave(run: &mut Run) -> Result<(), Stopped> {
    let failed = |fault| ("look for what is no longer declared".to_owned(), fault);
    let declared = declared(run);
    let gone: Vec<(String, Entry)> = run
        .ledger
        .volumes
        .iter()
        .filter(|(key, entry)| entry.place.filesystem == *run.name && !declared.contains(*key))
        .map(|(key, entry)| (key.clone(), entry.clone()))
        .collect();
    for (key, entry) in gone {
        let left = left(run, &key, &entry).map_err(failed)?;
        let action = match &left {
            Some(_) => format!(
                "leave {key}, which is no longer declared, as it is in {}",
                entry.place.path
            ),
            None => format!(
                "forget {key}, of which nothing is in {} any more",
                entry.place.path
            ),
        };
        if run.is_looking() {
            run.record(action, State::Wanted);
            continue;
        }
        run.ledger.volumes.remove(&key);
        run.ledger.left.extend(left);
        run.keep()?;
        run.record(action, State::Done);
    }
    take_last_snapshots(run);
    run.keep()
}

/// All volumes of the plan, on whatever filesystem, under their names and their former ones.
fn declared(run: &Run) -> BTreeSet<String> {
    let names = run.plan.filesystems.keys();
    let all = names.flat_map(|name| run.ledger.planned_on(run.plan, name));
    all.flat_map(|volume| std::iter::once(volume.key).chain(volume.former))
        .collect()
}

fn left(run: &Run, key: &str, entry: &Entry) -> Result<Option<Left>, Fault> {
    let Some(lies) = lies(run, &entry.place.path)? else {
        return Ok(None);
    };
    let now = run.system.now();
    let last_snapshot = lies.subvolume.and_then(|subvolume| {
        let path = snapshot_path(run, subvolume, now)?;
        Some(LastSnapshot { path, taken: false })
    });
    Ok(Some(Left {
        volume: key.to_owned(),
        id: entry.id.clone(),
        place: entry.place.clone(),
        since: now,
        grace_until: now + GRACE_SECONDS,
        why: Why::Removed,
        last_snapshot,
        retiring: false,
    }))
}

/// A volume that is there.
struct Lies<'p> {
    /// The subvolume that it is, or that it is a directory in; absent where it is neither.
    subvolume: Option<&'p str>,
}

/// How what is at a path lies; `None` where nothing is.
fn lies<'p>(run: &Run, path: &'p str) -> Result<Option<Lies<'p>>, Fault> {
    let kind = |path: &str| Ok(run.system.look(&run.top.join(path))?.map(|node| node.kind));
    let Some(own) = kind(path)? else {
        return Ok(None);
    };
    if own == NodeKind::Subvolume {
        return Ok(Some(Lies {
            subvolume: Some(path),
        }));
    }
    let subvolume = match path.rsplit_once('/') {
        Some((above, _)) if kind(above)? == Some(NodeKind::Subvolume) => Some(above),
        Some(_) | None => None,
    };
    Ok(Some(Lies { subvolume }))
}

/// The name of a group's last snapshot; volumes that are left at one time have one together.
fn snapshot_path(run: &Run, subvolume: &str, now: u64) -> Option<String> {
    let filesystem = run.filesystem;
    let place = filesystem
        .subvolume_of(MountRole::Snapshots)
        .or_else(|| filesystem.subvolume_of(MountRole::Volumes))?;
    let when = Timestamp::from_second(i64::try_from(now).ok()?).ok()?;
    let name = subvolume
        .rsplit_once('/')
        .map_or(subvolume, |(_, name)| name);
    let when = when.strftime("%Y%m%dT%H%M%SZ");
    Some(format!("{place}/{LAST}/{name}.{when}"))
}

fn take_last_snapshots(run: &mut Run) {
    for index in 0..run.ledger.left.len() {
        let left = &run.ledger.left[index];
        let Some(last) = left.last_snapshot.as_ref().filter(|last| !last.taken) else {
            continue;
        };
        if left.place.filesystem != *run.name || left.retiring {
            continue;
        }
        let state = match lies(run, &left.place.path) {
            // It was deleted by hand, or lies in no subvolume: there is nothing that could be taken.
            Ok(None | Some(Lies { subvolume: None })) => State::Already,
            Ok(Some(Lies {
                subvolume: Some(subvolume),
            })) => {
                let action = TakeSnapshot {
                    source: run.top.join(subvolume),
                    place: run.top.join(&last.path),
                    shown: last.path.clone(),
                };
                run.take(&action)
            }
            Err(_) => continue,
        };
        if matches!(state, State::Already | State::Done)
            && let Some(last) = &mut run.ledger.left[index].last_snapshot
        {
            last.taken = true;
        }
    }
}
