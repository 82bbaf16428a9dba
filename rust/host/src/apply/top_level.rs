//! A mount of a filesystem's top level, ours alone, for the time of one run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use podman_btrfs_core::plan::{FilesystemPlan, Plan};
use podman_btrfs_core::units::{DevicePath, FilesystemName};

use crate::system::{Fault, System, create_directories};

/// The mounted top level of a filesystem (subvolume 5).
#[derive(Debug)]
#[must_use = "it stays mounted until `unmount`"]
pub(crate) struct TopLevel {
    path: PathBuf,
}

/// Mounts the top level of `device` at `directory`, which is made when it is missing.
pub(crate) fn mount(
    system: &dyn System,
    device: &DevicePath,
    directory: &Path,
    options: &[String],
) -> Result<TopLevel, Fault> {
    create_directories(system, directory)?;
    let shown = directory.to_string_lossy();
    // A run that was killed leaves its mount behind.
    if is_mount_point(system, &shown)? {
        system.run("umount", &["--", &shown])?;
    }
    let all = options
        .iter()
        .map(String::as_str)
        .chain(["subvolid=5"])
        .collect::<Vec<_>>()
        .join(",");
    system.run(
        "mount",
        &["-t", "btrfs", "-o", &all, "--", device.as_str(), &shown],
    )?;
    Ok(TopLevel {
        path: directory.to_owned(),
    })
}

fn is_mount_point(system: &dyn System, directory: &str) -> Result<bool, Fault> {
    match system.run("findmnt", &["--noheadings", "--mountpoint", directory]) {
        Ok(_) => Ok(true),
        Err(Fault::Program { status: 1, .. }) => Ok(false),
        Err(fault) => Err(fault),
    }
}

impl TopLevel {
    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Unmounts it.
    pub(crate) fn unmount(self, system: &dyn System) -> Result<(), Fault> {
        system
            .run("umount", &["--", &self.path.to_string_lossy()])
            .map(drop)
    }
}

/// Filesystems, each with its mounted top level.
pub(crate) type Mounted = Vec<(FilesystemName, TopLevel)>;

/// Mounts the top levels of several filesystems of the plan, all of them or none.
pub(crate) fn mount_all(
    plan: &Plan,
    system: &dyn System,
    work_directory: &Path,
    read_only: bool,
    names: &BTreeSet<FilesystemName>,
) -> Result<Mounted, Fault> {
    let mut mounted: Mounted = Vec::new();
    let wanted = plan
        .filesystems
        .iter()
        .filter(|(name, _)| names.contains(*name));
    for (name, filesystem) in wanted {
        let directory = work_directory.join(name.as_str());
        match mount_patiently(system, filesystem, &directory, read_only) {
            Ok(top) => mounted.push((name.clone(), top)),
            Err(fault) => {
                for (_, top) in mounted {
                    top.unmount(system)?;
                }
                return Err(fault);
            }
        }
    }
    Ok(mounted)
}

fn mount_patiently(
    system: &dyn System,
    filesystem: &FilesystemPlan,
    directory: &Path,
    read_only: bool,
) -> Result<TopLevel, Fault> {
    /// A copier of a run that was killed ends with it, but not at once: as long as it works there, nothing is mounted anew.
    const TRIES: usize = 20;
    const BETWEEN: Duration = Duration::from_millis(500);
    let mut options = filesystem.mount_options.clone();
    options.extend(read_only.then(|| "ro".to_owned()));
    let mut tried = 1;
    loop {
        match mount(system, &filesystem.device, directory, &options) {
            Err(Fault::Program { command, .. })
                if command.starts_with("umount") && tried < TRIES =>
            {
                tried += 1;
                system.pause(BETWEEN);
            }
            result => return result,
        }
    }
}
