//! Ends what was left behind, by name, after its grace time: the one place where data of a volume is deleted.
//!
//! What is deleted stands in the ledger as left, says by its marker that it is what the ledger means, is declared by nobody, and
//! is mounted nowhere. It is renamed first, so that a run which was ended in the middle goes on where it stopped, and nobody takes
//! half of it for the whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, MountRole, Plan};
use podman_btrfs_core::units::FilesystemName;

use crate::apply::top_level;
use crate::ledger::{Ledger, Left, Why};
use crate::marker::Marker;
use crate::observe::{snapshot_names, uuid};
use crate::receipt::{Receipt, State, Step};
use crate::system::{Fault, NodeKind, System, delete_tree};

/// What is to be ended, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// A copy of a workload, or one volume of it: `shop`, `shop/pgdata`.
    pub name: String,
    /// Whether the grace time is not waited for.
    pub now: bool,
    /// Only look and say what would be done.
    pub dry_run: bool,
    /// Names of processes of which somebody says that they do not use it, where that may not be looked at.
    pub not_used_by: Vec<String>,
    /// Where the ledger is.
    pub ledger: PathBuf,
    /// A directory of ours, in which the top level of each filesystem is mounted for the time of the run.
    pub work_directory: PathBuf,
}

/// Ends everything of that name that was left. No step at all: nothing of that name was left.
///
/// # Errors
/// When the ledger cannot be read or written, or a filesystem cannot be mounted.
pub fn retire(plan: &Plan, request: &Request, system: &dyn System) -> Result<Receipt, Fault> {
    let mut ledger = Ledger::read(system, &request.ledger)?;
    let mut receipt = Receipt::begun(system, request.dry_run);
    let is_named = |left: &Left| {
        let copy = left.volume.split('/').next();
        left.volume == request.name || copy == Some(&*request.name)
    };
    let named: Vec<Left> = ledger
        .left
        .iter()
        .filter(|left| is_named(left))
        .cloned()
        .collect();
    let mut by_filesystem: BTreeMap<FilesystemName, Vec<Left>> = BTreeMap::new();
    for left in named {
        let of_it = by_filesystem.entry(left.place.filesystem.clone());
        of_it.or_default().push(left);
    }
    for (name, named) in &by_filesystem {
        let states = on_filesystem(plan, request, &mut ledger, (name, named), system);
        receipt
            .steps
            .extend(states.into_iter().zip(named).map(|(state, left)| Step {
                filesystem: name.clone(),
                action: format!(
                    "delete {} in {} ({})",
                    left.volume, left.place.path, left.why
                ),
                state,
            }));
    }
    receipt.finished = Some(system.now());
    Ok(receipt)
}

/// What came of each that was left on a filesystem, whose top level is mounted once for all of them.
fn on_filesystem(
    plan: &Plan,
    request: &Request,
    ledger: &mut Ledger,
    (name, named): (&FilesystemName, &[Left]),
    system: &dyn System,
) -> Vec<State> {
    let all = |state: &dyn Fn() -> State| named.iter().map(|_| state()).collect();
    let Some(filesystem) = plan.filesystems.get(name) else {
        return all(&|| {
            State::Refused(format!(
                "the plan has no filesystem {name}, so it is not known where it is; declare it, or delete it by hand"
            ))
        });
    };
    let directory = request.work_directory.join(name.as_str());
    let mut options = filesystem.mount_options.clone();
    options.extend(request.dry_run.then(|| "ro".to_owned()));
    let top = match top_level::mount(system, &filesystem.device, &directory, &options) {
        Ok(top) => top,
        Err(fault) => return all(&|| State::Failed(fault.to_string())),
    };
    let ending = Ending {
        top: top.path().to_owned(),
        filesystem,
        request,
        system,
    };
    let state = |left: &Left| ending.state(ledger, name, left);
    let states = named.iter().map(state).collect();
    match top.unmount(system) {
        Ok(()) => states,
        Err(fault) => all(&|| State::Failed(fault.to_string())),
    }
}

/// What speaks against it that the ledger tells.
fn refusal(request: &Request, ledger: &Ledger, left: &Left, system: &dyn System) -> Option<String> {
    let now = system.now();
    if now < left.grace_until && !request.now {
        let days = (left.grace_until - now).div_ceil(24 * 60 * 60);
        return Some(format!(
            "its grace time has {days} days to go; `--now` does not wait for it"
        ));
    }
    let mut declared = ledger
        .volumes
        .iter()
        .filter(|(_, entry)| entry.place == left.place);
    let (volume, _) = declared.next()?;
    Some(format!("{volume} is declared and lies there"))
}

/// Where snapper keeps the snapshots of the subvolume that it is in.
const SNAPPER: &str = ".snapshots";

struct Ending<'a> {
    top: PathBuf,
    filesystem: &'a FilesystemPlan,
    request: &'a Request,
    system: &'a dyn System,
}

impl Ending<'_> {
    fn state(&self, ledger: &mut Ledger, name: &FilesystemName, left: &Left) -> State {
        if let Some(because) = refusal(self.request, ledger, left, self.system) {
            return State::Refused(because);
        }
        let ended = self.all(ledger, name, left);
        ended.unwrap_or_else(|fault| State::Failed(fault.to_string()))
    }

    fn all(&self, ledger: &mut Ledger, name: &FilesystemName, left: &Left) -> Result<State, Fault> {
        let uuid = uuid::of_mount(self.system, &self.top)?;
        if ledger.filesystems.get(name) != Some(&uuid) {
            return Ok(State::Refused(format!(
                "{name} is another filesystem now, {uuid}"
            )));
        }
        let place = self.top.join(&left.place.path);
        let aside = place.with_file_name(format!(".podman-btrfs-retired-{}", left.id));
        if let Some(because) = self.is_not_it(&place, &aside, left)? {
            return Ok(State::Refused(because));
        }
        for path in [&place, &aside] {
            if let Some(who) = self.is_used(path)? {
                return Ok(State::Refused(who));
            }
        }
        if self.request.dry_run {
            return Ok(State::Wanted);
        }
        self.note(ledger, left, |of_it| of_it.retiring = true)?;
        let is_volume = left.why != Why::SnapshotOnly;
        if is_volume && self.system.look(&aside)?.is_none() && self.system.look(&place)?.is_some() {
            self.system.rename(&place, &aside)?;
        }
        delete_tree(self.system, &aside, self.shown(&aside))?;
        self.delete_last_snapshot(ledger, left)?;
        self.delete_empty_group(left)?;
        ledger.left.retain(|of_it| !is_same(of_it, left));
        ledger.keep(self.system, &self.request.ledger)?;
        Ok(self.remaining(left)?.map_or(State::Done, State::Refused))
    }

    /// Why what lies there is not taken for what was left.
    fn is_not_it(&self, place: &Path, aside: &Path, left: &Left) -> Result<Option<String>, Fault> {
        if left.why == Why::SnapshotOnly || self.system.look(place)?.is_none() {
            return Ok(None);
        }
        if self.system.look(aside)?.is_some() {
            return Ok(Some(format!(
                "{} is there too, half deleted; rename one of the two",
                self.shown(aside)
            )));
        }
        let found = Marker::of(place, self.system)?;
        if found.as_ref().is_some_and(|found| found.id == left.id) {
            return Ok(None);
        }
        let says = found.map_or_else(
            || "nothing of itself".to_owned(),
            |found| format!("that it is {}", found.volume),
        );
        Ok(Some(format!(
            "what lies there says {says}, so it cannot be shown to be {}; delete it by hand",
            left.volume
        )))
    }

    /// Who has something of it open or mounted: the host, or a container in a mount namespace of its own.
    fn is_used(&self, path: &Path) -> Result<Option<String>, Fault> {
        if self.system.look(path)?.is_none() {
            return Ok(None);
        }
        let users = self.system.users(path)?;
        Ok(users.refusal(&self.shown(path).to_string(), &self.request.not_used_by))
    }

    fn note(&self, ledger: &mut Ledger, left: &Left, change: fn(&mut Left)) -> Result<(), Fault> {
        ledger
            .left
            .iter_mut()
            .filter(|of_it| is_same(of_it, left))
            .for_each(change);
        ledger.keep(self.system, &self.request.ledger)
    }

    /// Deletes the snapshot that was taken when it was left, unless others that were left with it still have it.
    fn delete_last_snapshot(&self, ledger: &Ledger, left: &Left) -> Result<(), Fault> {
        let Some(last) = last_snapshot(left) else {
            return Ok(());
        };
        let others = ledger.left.iter().filter(|other| !is_same(other, left));
        let is_shared = others.filter_map(last_snapshot).any(|other| other == last);
        let path = self.top.join(last);
        let kind = self.system.look(&path)?.map(|node| node.kind);
        if is_shared || kind != Some(NodeKind::Subvolume) {
            return Ok(());
        }
        self.system.delete_subvolume(&path)
    }

    /// The group's subvolume, when it is not planned any more and nothing is in it but the empty place of snapper.
    fn delete_empty_group(&self, left: &Left) -> Result<(), Fault> {
        let Some((group, _)) = left.place.path.rsplit_once('/') else {
            return Ok(());
        };
        let planned = &self.filesystem.subvolumes;
        let is_planned = planned.iter().any(|planned| planned.path.as_str() == group);
        if left.why != Why::Removed || is_planned {
            return Ok(());
        }
        let path = self.top.join(group);
        let inside = self.system.list(&path)?.unwrap_or_default();
        let snapper = path.join(SNAPPER);
        if inside == [SNAPPER] && self.is_empty_subvolume(&snapper)? {
            self.system.delete_subvolume(&snapper)?;
        }
        if self.is_empty_subvolume(&path)? {
            self.system.delete_subvolume(&path)?;
        }
        Ok(())
    }

    fn is_empty_subvolume(&self, path: &Path) -> Result<bool, Fault> {
        let node = self.system.look(path)?;
        Ok(node.is_some_and(|node| node.kind == NodeKind::Subvolume && node.is_empty))
    }

    /// What still holds its data: snapshots of its series are not ours to end.
    fn remaining(&self, left: &Left) -> Result<Option<String>, Fault> {
        let snapshots = self.filesystem.subvolume_of(MountRole::Snapshots);
        let Some(directory) = snapshots.filter(|_| left.why == Why::Removed) else {
            return Ok(None);
        };
        let mut parts = left.place.path.rsplit('/');
        let series: Vec<&str> = [parts.next(), parts.next()].into_iter().flatten().collect();
        let names = self
            .system
            .list(&self.top.join(directory.as_str()))?
            .unwrap_or_default();
        let of_it: Vec<&String> = names
            .iter()
            .filter(|name| snapshot_names::btrbk(name).is_some_and(|(of, _)| series.contains(&of)))
            .collect();
        let Some(first) = of_it.first() else {
            return Ok(None);
        };
        Ok(Some(format!(
            "it is deleted, and {} snapshots in {directory} hold what they show, from {first} on; who wants none of them deletes them with \
             `btrfs subvolume delete`",
            of_it.len()
        )))
    }

    fn shown<'p>(&self, path: &'p Path) -> std::path::Display<'p> {
        path.strip_prefix(&self.top).unwrap_or(path).display()
    }
}

/// The last snapshot that belongs to what was left.
fn last_snapshot(left: &Left) -> Option<&str> {
    match left.why {
        Why::SnapshotOnly => Some(&left.place.path),
        Why::Removed | Why::BegunAnew | Why::Migrated => {
            left.last_snapshot.as_ref().map(|last| &*last.path)
        }
    }
}

fn is_same(one: &Left, other: &Left) -> bool {
    (&one.id, &one.place, one.since) == (&other.id, &other.place, other.since)
}
