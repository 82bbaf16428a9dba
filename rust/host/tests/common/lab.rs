//! A Btrfs on a loop device, for tests that root runs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::path::PathBuf;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::{DevicePath, Text};
use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::receipt::Receipt;
use podman_btrfs_host::system::{RealSystem, System};

const REASON: &str = "needs root, Btrfs in the kernel and loop devices";

/// A Btrfs of 512 MiB in a file; the kernel lets go of all of it when this ends.
pub(crate) struct Lab {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) device: String,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let image = directory.path().join("image");
        std::fs::File::create(&image)
            .unwrap()
            .set_len(512 << 20)
            .unwrap();
        let image = image.to_string_lossy().into_owned();
        RealSystem
            .run("mkfs.btrfs", &["--quiet", &image])
            .unwrap_or_else(|f| panic!("{REASON}: {f}"));
        let printed = RealSystem.run("losetup", &["--find", "--show", &image]);
        let device = printed
            .unwrap_or_else(|f| panic!("{REASON}: {f}"))
            .stdout
            .trim()
            .to_owned();
        Self { directory, device }
    }

    pub(crate) fn run(&self, plan: &Plan, dry_run: bool) -> Receipt {
        let device = DevicePath::parse(&self.device).unwrap();
        let devices = plan
            .filesystems
            .keys()
            .map(|name| (name.clone(), device.clone()))
            .collect();
        let work_directory = self.directory.path().join("work");
        apply(
            plan,
            &RealSystem,
            &Options {
                dry_run,
                devices,
                work_directory,
                ledger: None,
                replaced: Vec::new(),
            },
            &mut |_| (),
        )
    }

    /// Mounts one subvolume with options and gives its directory; it is unmounted with the lab.
    pub(crate) fn mount(&self, name: &str, options: &str) -> PathBuf {
        let point = self.directory.path().join(name);
        std::fs::create_dir_all(&point).unwrap();
        let shown = point.to_string_lossy();
        RealSystem
            .run(
                "mount",
                &["-t", "btrfs", "-o", options, &self.device, &shown],
            )
            .unwrap();
        point
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let ours = self.directory.path().to_string_lossy();
        for point in mounts
            .lines()
            .rev()
            .filter_map(|line| line.split(' ').nth(1))
        {
            if point.starts_with(&*ours) {
                let _ = RealSystem.run("umount", &["--", point]);
            }
        }
        let _ = RealSystem.run("losetup", &["--detach", &self.device]);
    }
}
