//! A mount of a filesystem's top level, ours alone, for the time of one run.

use std::path::{Path, PathBuf};

use podman_btrfs_core::units::DevicePath;

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
