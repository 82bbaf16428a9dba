//! A plan and what was observed of it, side by side: what rules about the running host look at.

use std::collections::BTreeMap;

use crate::observed::{Known, Observed, ObservedFilesystem, ObservedMount, ObservedPlace};
use crate::plan::{FilesystemPlan, Mount, NamedVolume, Plan, Subvolume, WorkloadPlan};
use crate::units::{FilesystemName, HostPath, WorkloadName};

/// A plan and what was observed.
#[derive(Clone, Copy, Debug)]
pub struct Host<'h> {
    /// What is wanted.
    pub plan: &'h Plan,
    /// What is.
    pub observed: &'h Observed,
}

/// One filesystem of the plan.
#[derive(Clone, Copy, Debug)]
pub struct FilesystemOnHost<'h> {
    /// Its name.
    pub name: &'h FilesystemName,
    /// What is wanted.
    pub planned: &'h FilesystemPlan,
    /// What is.
    pub observed: &'h ObservedFilesystem,
}

/// What is there at a planned place that could be looked at.
#[derive(Clone, Copy, Debug)]
pub struct PlaceOnHost<'h, T> {
    /// The filesystem that it lies in.
    pub filesystem: FilesystemOnHost<'h>,
    /// What is planned there.
    pub planned: T,
    /// What is there; `None`: nothing.
    pub found: Option<&'h ObservedPlace>,
}

/// A volume with its workload.
pub type VolumeOnHost<'h> = PlaceOnHost<'h, (&'h WorkloadName, &'h WorkloadPlan, NamedVolume<'h>)>;

impl<'h> Host<'h> {
    /// Every filesystem that was observed.
    pub fn filesystems(self) -> impl Iterator<Item = FilesystemOnHost<'h>> {
        let planned = self.plan.filesystems.iter();
        planned.filter_map(move |(name, planned)| {
            let observed = self.observed.filesystems.get(name)?;
            Some(FilesystemOnHost {
                name,
                planned,
                observed,
            })
        })
    }

    /// Whether a store (`root`, or a user's) is reached through a mount that is as planned.
    #[must_use]
    pub fn reaches_store(self, store: &str) -> bool {
        let engine = &self.plan.engine;
        let users = engine.users.iter();
        let mut all = users
            .map(|(user, planned)| (user.as_str(), planned))
            .chain(engine.system.iter().map(|planned| ("root", planned)));
        let planned = all.find(|(name, _)| *name == store);
        planned.is_some_and(|(_, planned)| {
            let mut filesystems = self.filesystems();
            let filesystem = filesystems.find(|one| *one.name == planned.filesystem);
            filesystem.is_some_and(|one| one.is_reached(&planned.graph_root))
        })
    }

    /// Every planned subvolume of which it is known what is at its place.
    pub fn subvolumes(self) -> impl Iterator<Item = PlaceOnHost<'h, &'h Subvolume>> {
        self.filesystems().flat_map(|filesystem| {
            let planned = filesystem.planned.subvolumes.iter();
            planned.filter_map(move |planned| {
                let found = filesystem
                    .place(planned.path.as_str(), &planned.host_path)?
                    .as_ref();
                Some(PlaceOnHost {
                    filesystem,
                    planned,
                    found,
                })
            })
        })
    }

    /// Every volume of which it is known what is at its place.
    pub fn volumes(self) -> impl Iterator<Item = VolumeOnHost<'h>> {
        let filesystems: BTreeMap<_, _> = self
            .filesystems()
            .map(|filesystem| (filesystem.name, filesystem))
            .collect();
        self.plan.volumes().filter_map(move |planned| {
            let volume = planned.2;
            let filesystem = *filesystems.get(&volume.planned.filesystem)?;
            let place = volume.planned.place(volume.name);
            let found = filesystem
                .place(&place, &volume.planned.host_path)?
                .as_ref();
            Some(PlaceOnHost {
                filesystem,
                planned,
                found,
            })
        })
    }
}

impl<'h> FilesystemOnHost<'h> {
    /// The planned mount that a path of the host is reached through: the innermost.
    #[must_use]
    pub fn mount_of(self, path: &HostPath) -> Option<&'h Mount> {
        let mounts = self.planned.mounts.iter();
        mounts
            .filter(|mount| {
                let point = mount.mount_point.as_str();
                point == "/" || path.as_str() == point || is_below(path.as_str(), point)
            })
            .max_by_key(|mount| mount.mount_point.as_str().len())
    }

    /// What is mounted at a planned mount point; `None` where nothing is, or it is not known.
    #[must_use]
    pub fn mounted(self, mount: &Mount) -> Option<&'h ObservedMount> {
        self.observed.mounts.get()?.get(&mount.mount_point)
    }

    /// Whether the planned subvolume of this filesystem is mounted there.
    #[must_use]
    pub fn is_in_effect(self, mount: &Mount) -> bool {
        self.mounted(mount).is_some_and(|found| {
            found.kind == "btrfs"
                && found.planned_filesystem == Known::Known(true)
                && found.subvolume == mount.subvolume.as_str()
        })
    }

    /// Whether a path of the host leads into this filesystem, as planned.
    #[must_use]
    pub fn is_reached(self, path: &HostPath) -> bool {
        self.mount_of(path)
            .is_some_and(|mount| self.is_in_effect(mount))
    }

    /// Whether the host reaches a place below the top level through a planned mount that is in effect.
    #[must_use]
    pub fn reaches(self, place: &str) -> bool {
        let mounts = self.planned.mounts.iter();
        let inner = mounts
            .filter(|mount| {
                let subvolume = mount.subvolume.as_str();
                place == subvolume || is_below(place, subvolume)
            })
            .max_by_key(|mount| mount.subvolume.as_str().len());
        inner.is_some_and(|mount| self.is_in_effect(mount))
    }

    /// What is at a place below the top level that is reached by this path; `None` where that is not known.
    fn place(self, place: &str, path: &HostPath) -> Option<&'h Option<ObservedPlace>> {
        if !self.is_reached(path) {
            return None;
        }
        self.observed.places.get(place)?.get()
    }
}

/// Whether a subvolume is what a restore replaced and keeps, by its name.
#[must_use]
pub fn is_undo_point(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with(".podman-btrfs-undo-")
}

/// Whether a subvolume is a restore drill's, which deletes it when it ends, by its name or that of the directory that it lies in.
#[must_use]
pub fn is_of_a_drill(path: &str) -> bool {
    path.split('/')
        .any(|name| name.starts_with(".podman-btrfs-drill-"))
}

/// Whether a path is strictly below another one.
#[must_use]
pub fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
}
