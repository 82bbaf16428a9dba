//! One filesystem of the plan.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::drift::FilesystemOnHost;
use podman_btrfs_core::observed::{
    FoundFilesystem, Known, ObservedFilesystem, ObservedMount, ObservedPlace, ObservedQuota,
    PlaceKind,
};
use podman_btrfs_core::plan::{FilesystemPlan, Plan, QuotaMode};
use podman_btrfs_core::units::{FilesystemName, HostPath};

use super::kernel_btrfs::{self, KernelBtrfs};
use super::mountinfo::{self, MountInfo};
use super::{device_stats, place, quotas, subvolumes, usage};
use crate::identity::{is_planned, mounted_from};
use crate::system::{Fault, System};

/// What is at each planned place.
type Places = BTreeMap<String, Known<Option<ObservedPlace>>>;

/// What the kernel says of all of them.
struct Kernel<'a> {
    system: &'a dyn System,
    mounts: Result<Vec<MountInfo>, String>,
    filesystems: Result<Vec<KernelBtrfs>, String>,
}

/// Every filesystem of the plan.
pub(super) fn all(
    plan: &Plan,
    system: &dyn System,
) -> BTreeMap<FilesystemName, ObservedFilesystem> {
    let kernel = Kernel {
        system,
        mounts: mountinfo::read(system).map_err(|fault| fault.to_string()),
        filesystems: kernel_btrfs::all(system).map_err(|fault| fault.to_string()),
    };
    let planned = plan.filesystems.iter();
    planned
        .map(|(name, filesystem)| (name.clone(), kernel.look(plan, name, filesystem)))
        .collect()
}

impl Kernel<'_> {
    fn look(
        &self,
        plan: &Plan,
        name: &FilesystemName,
        planned: &FilesystemPlan,
    ) -> ObservedFilesystem {
        let mut observed = unseen("none of its mounts is as planned");
        observed.found = self.found(planned);
        observed.mounts = self.mounted(planned);
        let uuid = observed.found.get().cloned().flatten();
        let uuid = uuid.and_then(|found| found.uuid);
        let on_host = FilesystemOnHost {
            name,
            planned,
            observed: &observed,
        };
        // Any of them leads to all of it; the one of volumes is the plan's first word.
        let mut in_effect = planned
            .mounts
            .iter()
            .filter(|mount| on_host.is_in_effect(mount));
        let own = |point: &&HostPath| **point == planned.mount_point;
        let points: Vec<&HostPath> = in_effect.by_ref().map(|mount| &mount.mount_point).collect();
        let through = points.iter().copied().find(own).or(points.first().copied());
        let places = self.places(plan, on_host);
        observed.places = places;
        if let Some(point) = through {
            self.look_inside(point.as_str(), uuid.as_deref(), &mut observed);
            if planned.quota == QuotaMode::Simple {
                self.limits(point.as_str(), &mut observed);
            }
        }
        observed
    }

    /// The filesystem that the planned device is one of; absent: there is no such device.
    fn found(&self, planned: &FilesystemPlan) -> Known<Option<FoundFilesystem>> {
        let filesystems = match &self.filesystems {
            Ok(filesystems) => filesystems,
            Err(why) => return Known::unknown(why),
        };
        let found = || -> Result<_, Fault> {
            for there in filesystems {
                if is_planned(self.system, &planned.device, there)? {
                    return Ok(Some(FoundFilesystem {
                        uuid: Some(there.uuid.clone()),
                        label: Some(there.label.clone()),
                    }));
                }
            }
            // It may be there and not mounted, and then the kernel has nothing to say of it.
            let numbers = self
                .system
                .device_numbers(Path::new(planned.device.as_str()))?;
            Ok(numbers.map(|_| FoundFilesystem {
                uuid: None,
                label: None,
            }))
        };
        found().into()
    }

    fn mounted(&self, planned: &FilesystemPlan) -> Known<BTreeMap<HostPath, ObservedMount>> {
        let mounts = match &self.mounts {
            Ok(mounts) => mounts,
            Err(why) => return Known::unknown(why),
        };
        let points = planned.mounts.iter().map(|mount| &mount.mount_point);
        let found = points.filter_map(|point| {
            // The last mount at a place covers those before it.
            let mut there = mounts.iter().rev();
            let mount = there.find(|mount| mount.mount_point == point.as_str())?;
            Some((point.clone(), self.mount(planned, mount)))
        });
        Known::Known(found.collect())
    }

    fn mount(&self, planned: &FilesystemPlan, mount: &MountInfo) -> ObservedMount {
        let is_it = || match &self.filesystems {
            Err(why) => Err(Fault::Unexpected(why.clone())),
            Ok(_) if mount.kind != "btrfs" => Ok(false),
            Ok(filesystems) => {
                let there = mounted_from(self.system, filesystems, mount)?;
                is_planned(self.system, &planned.device, there)
            }
        };
        // A service manager makes mounts read-only for a unit, which is no difference of the host: what the filesystem
        // itself is counts.
        let mut options = mount.options.clone();
        options.retain(|option| option != "ro" || mount.read_only);
        ObservedMount {
            kind: mount.kind.clone(),
            source: mount.source.clone(),
            planned_filesystem: is_it().into(),
            subvolume: mount.root.trim_start_matches('/').to_owned(),
            options,
        }
    }

    fn places(&self, plan: &Plan, on_host: FilesystemOnHost) -> Places {
        let mut places = Places::new();
        let mut look = |place: String, path: &HostPath| {
            let found = || {
                if on_host.is_reached(path) {
                    return place::look(self.system, Path::new(path.as_str()));
                }
                Known::unknown(&format!("{path} is not behind a mount that is as planned"))
            };
            places.entry(place).or_insert_with(found);
        };
        for subvolume in &on_host.planned.subvolumes {
            look(subvolume.path.to_string(), &subvolume.host_path);
        }
        for (_, _, volume) in plan.volumes() {
            if volume.planned.filesystem == *on_host.name {
                let place = volume.planned.place(volume.name);
                look(place, &volume.planned.host_path);
            }
        }
        places
    }

    /// What belongs to the whole filesystem, through one of its mounts: four programs.
    fn look_inside(&self, place: &str, uuid: Option<&str>, observed: &mut ObservedFilesystem) {
        observed.devices = device_stats::look(self.system, place).into();
        observed.space = usage::look(self.system, place).into();
        observed.subvolumes = subvolumes::look(self.system, place).into();
        let Some(uuid) = uuid else {
            return;
        };
        observed.missing_devices = kernel_btrfs::missing_devices(self.system, uuid).into();
        observed.quota = quotas::mode(self.system, uuid).into();
    }

    /// The limits of all its places, by the numbers of their subvolumes.
    fn limits(&self, place: &str, observed: &mut ObservedFilesystem) {
        if observed.quota == Known::Known(ObservedQuota::None) {
            return;
        }
        let limits = quotas::limits(self.system, place).map_err(|fault| fault.to_string());
        for (path, found) in &mut observed.places {
            let Known::Known(Some(found)) = found else {
                continue;
            };
            if found.kind != PlaceKind::Subvolume {
                continue;
            }
            let number = match &observed.subvolumes {
                Known::Known(all) => all.get(path).map(|one| one.id),
                Known::Unknown { .. } => None,
            };
            found.limit_bytes = match (&limits, number) {
                (Err(why), _) => Known::unknown(why),
                (Ok(_), None) => Known::unknown("the list of subvolumes does not have it"),
                (Ok(limits), Some(number)) => Known::Known(limits.get(&number).copied().flatten()),
            };
        }
    }
}

/// A filesystem of which nothing is known.
fn unseen(why: &str) -> ObservedFilesystem {
    ObservedFilesystem {
        found: Known::unknown(why),
        mounts: Known::unknown(why),
        devices: Known::unknown(why),
        missing_devices: Known::unknown(why),
        space: Known::unknown(why),
        quota: Known::unknown(why),
        subvolumes: Known::unknown(why),
        places: Places::new(),
    }
}
