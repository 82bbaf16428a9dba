//! The planned mounts: at the planned places, and all of them below one directory for looking at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use podman_btrfs_core::plan::{Mount, MountRole, Plan};
use podman_btrfs_core::units::{DevicePath, FilesystemName};

use crate::observe::mountinfo;
use crate::rehearse::private_root::below;
use crate::system::{Fault, System};

/// Every mount point of the plan that is used where it is planned. The running system's own places, `/` and
/// `/nix` among them, are not: programs come from there.
pub(super) fn used_in_place(plan: &Plan) -> Vec<PathBuf> {
    ordered(plan)
        .into_iter()
        .filter(|(_, mount)| mount.role != MountRole::System)
        .map(|(_, mount)| mount.mount_point.as_str().into())
        .collect()
}

/// Makes every planned mount below `planned`, and those in [`used_in_place`] at their places too.
pub(super) fn mount_all(
    plan: &Plan,
    devices: &BTreeMap<FilesystemName, DevicePath>,
    planned: &Path,
    system: &dyn System,
) -> Result<String, Fault> {
    let mounts = ordered(plan);
    for (filesystem, mount) in &mounts {
        let device = devices.get(*filesystem).ok_or_else(|| {
            Fault::Unexpected(format!(
                "there is no disk for the filesystem {filesystem}: please report this"
            ))
        })?;
        let place = Path::new(mount.mount_point.as_str());
        let shown = below(planned, place);
        make(&shown)?;
        let options = mount.options.join(",");
        let target = shown.to_string_lossy();
        system.run(
            "mount",
            &[
                "-t",
                "btrfs",
                "-o",
                &options,
                "--",
                device.as_str(),
                &target,
            ],
        )?;
        if mount.role != MountRole::System {
            make(place)?;
            system.run(
                "mount",
                &["--bind", "--", &target, mount.mount_point.as_str()],
            )?;
        }
    }
    let places: Vec<&str> = mounts
        .iter()
        .map(|(_, mount)| mount.mount_point.as_str())
        .collect();
    Ok(format!("{}: {}", mounts.len(), places.join(" ")))
}

/// How often a mount that is in use is tried again, and what is waited in between: our choice.
const TRIES: u32 = 100;
const BETWEEN: Duration = Duration::from_millis(100);

/// Unmounts everything that is on one of these devices, last first; what Podman left in its store goes with it.
pub(super) fn unmount_all(devices: &BTreeSet<&str>, system: &dyn System) -> Result<(), Fault> {
    for mount in mountinfo::read(system)?.iter().rev() {
        if devices.contains(mount.source.as_str()) {
            unmount(&mount.mount_point, system)?;
        }
    }
    Ok(())
}

/// Waits while it is busy: a container's monitor runs `podman container cleanup` when the container has ended, and that
/// may go on in the store after the `podman rm` that ended it.
fn unmount(place: &str, system: &dyn System) -> Result<(), Fault> {
    let once = || {
        system
            .run("umount", &["--recursive", "--", place])
            .map(drop)
    };
    for _ in 0..TRIES {
        match once() {
            Err(Fault::Program { stderr, .. }) if stderr.contains("target is busy") => {
                system.pause(BETWEEN);
            }
            ended => return ended,
        }
    }
    once()
}

/// All mounts of the plan, a parent before what is mounted in it.
fn ordered(plan: &Plan) -> Vec<(&FilesystemName, &Mount)> {
    let mut all: Vec<(&FilesystemName, &Mount)> = plan
        .filesystems
        .iter()
        .flat_map(|(name, filesystem)| filesystem.mounts.iter().map(move |mount| (name, mount)))
        .collect();
    all.sort_by(|a, b| {
        Path::new(a.1.mount_point.as_str()).cmp(Path::new(b.1.mount_point.as_str()))
    });
    all
}

fn make(place: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(place).map_err(|source| Fault::File {
        what: "create the mount point",
        path: place.to_owned(),
        source,
    })
}
