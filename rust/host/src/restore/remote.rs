//! Snapshots at a target, and how one comes back.
//!
//! [`Remote`] is what a kind of target has to do: say what is there, and have one received into a directory of this host. All else is
//! the same for each: the parent that both sides have, the received snapshot's name, and that it never becomes writable itself.

use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{Instance, Plan};

use super::catalogue::Point;
use super::record::{self, Record};
use super::restorer::Restorer;
use crate::observe::{mountinfo, snapshot_names, subvolumes};
use crate::stop::Stop;
use crate::system::{Fault, NodeKind, System};

/// A snapshot at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteSnapshot {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub record: Option<Record>,
    /// Its UUID there.
    pub uuid: String,
    /// The UUID of what it was received from.
    pub received_uuid: Option<String>,
}

impl RemoteSnapshot {
    /// What a copy of it on this host is known by: the UUID that it was sent under.
    #[must_use]
    pub fn sent_as(&self) -> &str {
        self.received_uuid.as_deref().unwrap_or(&self.uuid)
    }
}

/// A target that snapshots come back from.
pub trait Remote {
    /// What is there, in whatever order; read-only snapshots only.
    ///
    /// # Errors
    /// When it cannot be found out; what is not there is no fault.
    fn list(&self) -> Result<Vec<RemoteSnapshot>, Fault>;
    /// Has one received into a directory of this host, from its difference to a parent that both have where one is named.
    ///
    /// # Errors
    /// When it fails; what came of it until then lies in the directory.
    fn fetch(&self, name: &str, parent: Option<&str>, into: &Path) -> Result<(), Fault>;
}

/// The target of this name in the plan's jobs of a workload.
pub(super) fn of_plan<'s>(
    plan: &Plan,
    instance: &Instance,
    name: &str,
    system: &'s dyn System,
) -> Result<Box<dyn Remote + 's>, Stop> {
    let is_of_it = |path| {
        instance
            .volumes
            .values()
            .any(|volume| volume.subvolume == path)
    };
    let jobs = plan.protection.jobs.iter();
    let own = jobs.filter(|job| job.subvolumes.iter().any(|one| is_of_it(one.path.clone())));
    let targets: Vec<_> = own.flat_map(|job| &job.targets).collect();
    let Some((_, target)) = targets.iter().find(|(of, _)| of.as_str() == name) else {
        let known: Vec<&str> = targets.iter().map(|(of, _)| of.as_str()).collect();
        return Err(Stop::Refused(format!(
            "the plan sends no snapshots of {} to `{}`; it sends them to {}",
            instance.name,
            name.escape_debug(),
            if known.is_empty() {
                "no target".to_owned()
            } else {
                known.join(", ")
            }
        )));
    };
    let url = target.url.as_str();
    if url.starts_with('/') {
        return Ok(Box::new(LocalDirectory {
            directory: url.into(),
            system,
        }));
    }
    Err(Stop::Refused(format!(
        "the target {name} is {url}, and snapshots come back only from directories of this host: mount it, or send them here by `btrfs send`"
    )))
}

/// A directory of another Btrfs on this host.
pub struct LocalDirectory<'s> {
    directory: PathBuf,
    system: &'s dyn System,
}

impl LocalDirectory<'_> {
    /// Where it lies in its filesystem, seen from the top level.
    fn place(&self) -> Result<String, Fault> {
        let directory = &self.directory;
        let gone = || Fault::Unexpected(format!("{} is not there; mount it", directory.display()));
        let real = self.system.resolve(directory)?.ok_or_else(gone)?;
        let mounts = mountinfo::read(self.system)?;
        let mount = mountinfo::covering(&mounts, &real).ok_or_else(gone)?;
        if mount.kind != "btrfs" {
            return Err(Fault::Unexpected(format!(
                "{} is on {}, not on Btrfs; is the target mounted?",
                directory.display(),
                mount.kind
            )));
        }
        let inside = real.strip_prefix(&mount.mount_point).unwrap_or(&real);
        let place = Path::new(mount.root.trim_start_matches('/')).join(inside);
        let place: PathBuf = place.components().collect();
        Ok(place.to_string_lossy().into_owned())
    }
}

impl Remote for LocalDirectory<'_> {
    fn list(&self) -> Result<Vec<RemoteSnapshot>, Fault> {
        let place = self.place()?;
        let above = if place.is_empty() {
            place
        } else {
            format!("{place}/")
        };
        let all = subvolumes::look(self.system, &self.directory.to_string_lossy())?;
        let mut found = Vec::new();
        for (path, subvolume) in all {
            let name = path.strip_prefix(&above).filter(|name| {
                !name.contains('/') && subvolume.read_only && snapshot_names::btrbk(name).is_some()
            });
            let Some(name) = name else {
                continue;
            };
            found.push(RemoteSnapshot {
                record: record::of(&self.directory.join(name), self.system)?,
                name: name.to_owned(),
                uuid: subvolume.uuid,
                received_uuid: subvolume.received_uuid,
            });
        }
        Ok(found)
    }

    fn fetch(&self, name: &str, parent: Option<&str>, into: &Path) -> Result<(), Fault> {
        let at = |name: &str| self.directory.join(name).to_string_lossy().into_owned();
        let (source, into) = (at(name), into.to_string_lossy());
        let parent = parent.map(at);
        let mut send = vec!["send", "--quiet"];
        if let Some(parent) = &parent {
            send.extend(["-p", parent]);
        }
        send.extend(["--", &source]);
        // It ends with this process, so that nothing is received any more into what the next run deletes.
        let receive = [
            "--pdeathsig=KILL",
            "btrfs",
            "receive",
            "--quiet",
            "--",
            &*into,
        ];
        self.system.pipe(("btrfs", &send), ("setpriv", &receive))
    }
}

/// The directory in which snapshots are received, beside where they are kept.
const RECEIVING: &str = ".podman-btrfs-receiving";

impl Restorer<'_> {
    /// Brings all members of a point to this host, each under its own name among the snapshots: the next copy to the target starts
    /// from there, and the tool that prunes them knows it.
    pub(super) fn fetch(&mut self, remote: &dyn Remote, point: &Point) -> Result<Point, Stop> {
        let all = remote.list()?;
        let mut here = point.clone();
        let wanted = self.wanted_series(point)?;
        here.members.retain(|series, _| wanted.contains(series));
        for (series, path) in &mut here.members {
            let holders = self.holders.iter();
            let holder = holders.clone().find(|holder| holder.series == *series);
            let Some(filesystem) = holder.map(|holder| holder.filesystem.clone()) else {
                continue;
            };
            let Some(snapshot) = all.iter().find(|one| one.name == *path) else {
                return Err(Stop::Refused(format!("{path} is gone from the target")));
            };
            let directory = self.snapshots(&filesystem)?.to_string();
            let place = format!("{directory}/{}", snapshot.name);
            let of_series: Vec<&RemoteSnapshot> = all
                .iter()
                .filter(|one| snapshot_names::btrbk(&one.name).is_some_and(|(of, _)| of == series))
                .collect();
            self.fetch_one(remote, &filesystem, &directory, snapshot, &of_series)?;
            *path = place;
        }
        Ok(here)
    }

    fn fetch_one(
        &mut self,
        remote: &dyn Remote,
        filesystem: &podman_btrfs_core::units::FilesystemName,
        directory: &str,
        snapshot: &RemoteSnapshot,
        of_series: &[&RemoteSnapshot],
    ) -> Result<(), Stop> {
        let listed = self.listed(filesystem)?;
        let is_same = |path: &str, of: &RemoteSnapshot| {
            listed.get(path).is_some_and(|here| {
                let known = here.received_uuid.as_deref();
                here.read_only && (here.uuid == of.sent_as() || known == Some(of.sent_as()))
            })
        };
        let name = &snapshot.name;
        let place = format!("{directory}/{name}");
        if is_same(&place, snapshot) {
            (self.told)(&format!(
                "{name} is on this host too, and is taken from there"
            ));
            return Ok(());
        }
        let top = self.top(filesystem)?.to_owned();
        if self.system.look(&top.join(&place))?.is_some() {
            return Err(Stop::Refused(format!(
                "{place} is there, and is not the snapshot of that name at the target; move it away"
            )));
        }
        // The nearest in time has the smallest difference.
        let time =
            |one: &RemoteSnapshot| snapshot_names::btrbk(&one.name).map_or(0, |(_, time)| time);
        let parent = of_series
            .iter()
            .filter(|one| one.name != *name && is_same(&format!("{directory}/{}", one.name), one))
            .min_by_key(|one| time(one).abs_diff(time(snapshot)));
        let parent = parent.map(|one| one.name.as_str());
        (self.told)(&match parent {
            Some(parent) => format!("receiving {name}, as its difference to {parent}"),
            None => format!("receiving {name}, all of it: no snapshot is on both sides"),
        });
        let receiving = top.join(directory).join(RECEIVING);
        self.discard_received(&receiving)?;
        self.system.create_directory(&receiving)?;
        remote.fetch(name, parent, &receiving)?;
        let received = receiving.join(name);
        let shown = format!("{directory}/{RECEIVING}/{name}");
        let whole = self.listed(filesystem)?;
        let is_whole = whole.get(&shown).is_some_and(|here| {
            here.read_only && here.received_uuid.as_deref() == Some(snapshot.sent_as())
        });
        if !is_whole {
            return Err(Stop::Refused(format!(
                "what was received of {name} is not whole; the same command begins again"
            )));
        }
        // What was received cannot be renamed out of its directory, since it is read-only; a read-only snapshot of it keeps whose
        // copy it is.
        self.system.create_snapshot(&received, &top.join(&place))?;
        Ok(self.discard_received(&receiving)?)
    }

    /// Deletes what a run that was ended has received.
    fn discard_received(&self, receiving: &Path) -> Result<(), Fault> {
        for name in self.system.list(receiving)?.unwrap_or_default() {
            let path = receiving.join(name);
            if self.system.look(&path)?.map(|node| node.kind) == Some(NodeKind::Subvolume) {
                self.system.delete_subvolume(&path)?;
            }
        }
        match self.system.look(receiving)? {
            Some(_) => self.system.delete_directory(receiving),
            None => Ok(()),
        }
    }
}
