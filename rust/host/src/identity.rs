//! Whether what a container mounts lies where the plan has it: on the planned filesystem, at the planned place in it, and does not
//! say of itself that it is another volume.
//!
//! Asked before each start of a container, so that its data never lands on the root filesystem because a mount was
//! late, or on whatever else is mounted there. Whether a directory on the way is a subvolume is not asked: `apply`
//! leaves a directory with data as it is and tells, and the containers that use it go on.

use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, Mount, NamedVolume, Plan};
use podman_btrfs_core::units::{DevicePath, FilesystemName, HostPath};

use crate::marker::Marker;
use crate::observe::kernel_btrfs::{self, KernelBtrfs};
use crate::observe::mountinfo::{self, MountInfo};
use crate::system::{Fault, System};
use crate::verify::{Checked, below};

/// Looks at every path that these containers mount (none named: all containers), below `root` (`/` on a host).
/// A name that the plan does not have is something wrong.
///
/// # Errors
/// When it cannot be found out where something lies.
pub fn check(
    plan: &Plan,
    containers: &[String],
    system: &dyn System,
    root: &Path,
) -> Result<Vec<Checked>, Fault> {
    let (paths, mut checked) = mounted_by(plan, containers);
    let machine = Machine {
        plan,
        system,
        root,
        mounts: mountinfo::read(system)?,
        filesystems: kernel_btrfs::all(system)?,
    };
    for path in paths {
        checked.push(machine.check(path)?);
    }
    Ok(checked)
}

/// What the containers mount, each path once, and an answer for each name that is no container.
fn mounted_by<'a>(plan: &'a Plan, names: &[String]) -> (Vec<&'a HostPath>, Vec<Checked>) {
    let containers = || {
        let workloads = plan.workloads.values();
        let instances = workloads.flat_map(|workload| &workload.instances);
        instances.flat_map(|instance| &instance.containers)
    };
    let is_named = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let mut paths: Vec<&HostPath> = containers()
        .filter(|(name, _)| is_named(name.as_str()))
        .flat_map(|(_, container)| &container.requires_mounts_for)
        .collect();
    paths.sort();
    paths.dedup();
    let unknown = names
        .iter()
        .filter(|name| !containers().any(|(known, _)| known.as_str() == name.as_str()));
    let answers = unknown.map(|name| Checked {
        subject: name.clone(),
        found: "nothing".into(),
        wrong: Some("the plan has no container of this name".into()),
    });
    (paths, answers.collect())
}

struct Machine<'a> {
    plan: &'a Plan,
    system: &'a dyn System,
    root: &'a Path,
    mounts: Vec<MountInfo>,
    filesystems: Vec<KernelBtrfs>,
}

impl Machine<'_> {
    fn check(&self, path: &HostPath) -> Result<Checked, Fault> {
        let (found, wrong) = self.find(path)?;
        Ok(Checked {
            subject: path.to_string(),
            found,
            wrong,
        })
    }

    fn find(&self, path: &HostPath) -> Result<(String, Option<String>), Fault> {
        let (name, filesystem, mount) = self.planned(path).ok_or_else(|| {
            Fault::Unexpected(format!("the plan has no mount for {path}: plan again"))
        })?;
        let Some(real) = self.system.resolve(&below(self.root, path))? else {
            return Ok(("nothing".into(), Some("it is not there".into())));
        };
        let present = mountinfo::covering(&self.mounts, &real)
            .ok_or_else(|| Fault::Unexpected(format!("no mount holds {}", real.display())))?;
        let place = place_in(&present.root, &present.mount_point, &real);
        if present.kind != "btrfs" {
            let found = format!("{} mounted at {}", present.kind, present.mount_point);
            let wrong = format!("it is on {found}, and not on {name}");
            return Ok((found, Some(wrong)));
        }
        let there = mounted_from(self.system, &self.filesystems, present)?;
        if !is_planned(self.system, &filesystem.device, there)? {
            let found = format!(
                "the Btrfs filesystem {} mounted at {}",
                there.uuid, present.mount_point
            );
            let wrong = format!(
                "it is on {found}, and not on {name} ({})",
                filesystem.device
            );
            return Ok((found, Some(wrong)));
        }
        let wanted = place_in(
            &format!("/{}", mount.subvolume),
            mount.mount_point.as_str(),
            Path::new(path.as_str()),
        );
        let found = format!("{} of {name}", place.display());
        if place != wanted {
            let wrong = format!("it is {found}, and {} is planned", wanted.display());
            return Ok((found, Some(wrong)));
        }
        Ok((found, self.is_another(path, &real)?))
    }

    /// Why what lies at a volume's place is not taken for it: its marker says that it is another one. One that says nothing, or that we
    /// may not ask, is `apply`'s and `doctor`'s to tell.
    fn is_another(&self, path: &HostPath, real: &Path) -> Result<Option<String>, Fault> {
        let here = |volume: &NamedVolume| volume.planned.host_path == *path;
        let Some((name, workload, volume)) =
            self.plan.volumes().find(|(_, _, volume)| here(volume))
        else {
            return Ok(None);
        };
        let Some(marker) = Marker::of(real, self.system)? else {
            return Ok(None);
        };
        let names = [Some(volume.key()), volume.former_key(name, workload)];
        let is_it = names.iter().flatten().any(|name| *name == marker.volume);
        Ok((!is_it).then(|| {
            format!(
                "it says that it is {}, and {} is planned",
                marker.volume,
                volume.key()
            )
        }))
    }

    /// The innermost planned mount that holds a path.
    fn planned(&self, path: &HostPath) -> Option<(&FilesystemName, &FilesystemPlan, &Mount)> {
        let all = self.plan.filesystems.iter().flat_map(|(name, filesystem)| {
            let mounts = filesystem.mounts.iter();
            mounts.map(move |mount| (name, filesystem, mount))
        });
        all.filter(|(_, _, mount)| Path::new(path.as_str()).starts_with(mount.mount_point.as_str()))
            .max_by_key(|(_, _, mount)| mount.mount_point.as_str().len())
    }
}

/// The filesystem that a mount was made of.
pub(crate) fn mounted_from<'f>(
    system: &dyn System,
    filesystems: &'f [KernelBtrfs],
    mount: &MountInfo,
) -> Result<&'f KernelBtrfs, Fault> {
    let numbers = system.device_numbers(Path::new(&mount.source))?;
    numbers
        .and_then(|numbers| {
            filesystems
                .iter()
                .find(|one| one.devices.contains(&numbers))
        })
        .ok_or_else(|| {
            Fault::Unexpected(format!(
                "the kernel does not say which filesystem {} is a device of",
                mount.source
            ))
        })
}

/// Whether a filesystem is the planned one. A device that is missing, as of a RAID that runs without it, is
/// known by what its name says.
pub(crate) fn is_planned(
    system: &dyn System,
    device: &DevicePath,
    there: &KernelBtrfs,
) -> Result<bool, Fault> {
    if let Some(numbers) = system.device_numbers(Path::new(device.as_str()))? {
        return Ok(there.devices.contains(&numbers));
    }
    is_named(device, there).ok_or_else(|| {
        Fault::Unexpected(format!(
            "there is no {device}, so nobody can say whether {} is on it",
            there.uuid
        ))
    })
}

/// Whether the name of a device is that of a filesystem; `None` where it tells neither UUID nor label.
fn is_named(device: &DevicePath, there: &KernelBtrfs) -> Option<bool> {
    let name = device.as_str().strip_prefix("/dev/disk/")?;
    if let Some(uuid) = name.strip_prefix("by-uuid/") {
        return Some(uuid.eq_ignore_ascii_case(&there.uuid));
    }
    Some(name.strip_prefix("by-label/")? == there.label)
}

/// Where in its filesystem a path is, seen from the top level: `root` is mounted at `point`.
fn place_in(root: &str, point: &str, path: &Path) -> PathBuf {
    let inside = path.strip_prefix(point).unwrap_or(path);
    // `join` of nothing leaves a slash at the end.
    Path::new(root).join(inside).components().collect()
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::units::Text as _;

    use super::*;

    fn there() -> KernelBtrfs {
        KernelBtrfs {
            uuid: "3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11".into(),
            label: "tank".into(),
            devices: vec!["7:0".into()],
        }
    }

    fn named(device: &str) -> Option<bool> {
        is_named(&DevicePath::parse(device).unwrap(), &there())
    }

    #[test]
    fn a_missing_device_is_known_by_its_name_or_not_at_all() {
        assert_eq!(
            named("/dev/disk/by-uuid/3F1C5D5E-9F0E-4F0E-8A83-3F6F3A1F2B11"),
            Some(true)
        );
        assert_eq!(
            named("/dev/disk/by-uuid/00000000-9f0e-4f0e-8a83-3f6f3a1f2b11"),
            Some(false)
        );
        assert_eq!(named("/dev/disk/by-label/tank"), Some(true));
        assert_eq!(named("/dev/disk/by-label/other"), Some(false));
        assert_eq!(named("/dev/disk/by-id/nvme-a"), None);
        assert_eq!(named("/dev/mapper/tank"), None);
    }

    #[test]
    fn a_place_is_told_from_the_top_level() {
        let place = |root, point, path| place_in(root, point, Path::new(path));
        let wanted = Path::new("/@volumes/shop/pgdata");
        assert_eq!(
            place("/@volumes", "/srv/tank", "/srv/tank/shop/pgdata"),
            wanted
        );
        assert_eq!(place("/", "/mnt", "/mnt/@volumes/shop/pgdata"), wanted);
        assert_eq!(place("/@volumes/shop/pgdata", "/data", "/data"), wanted);
    }
}
