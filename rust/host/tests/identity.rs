//! Where volumes lie, on real mounts. Run by `checks/run` as root.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;
#[path = "common/lab.rs"]
mod lab;

use std::path::{Path, PathBuf};

use common::{HOST, plan_of};
use lab::Lab;
use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::{DevicePath, Text};
use podman_btrfs_host::identity::check;
use podman_btrfs_host::system::{Fault, RealSystem, System};
use podman_btrfs_host::verify::Checked;

/// A host below a directory: the filesystem of the plan is made, and mounted where a test says.
struct Host {
    lab: Lab,
    plan: Plan,
}

impl Host {
    fn new() -> Self {
        let lab = Lab::new();
        let mut plan = plan_of(
            &HOST
                .replace("\"alice\"", "\"nobody\"")
                .replace(", \"limit\": \"1G\"", ""),
        );
        assert!(lab.run(&plan, false).is_complete());
        plan.filesystems.values_mut().next().unwrap().device =
            DevicePath::parse(&lab.device).unwrap();
        Self { lab, plan }
    }

    fn root(&self) -> PathBuf {
        self.lab.directory.path().join("root")
    }

    /// The directories of `pg`'s volume, on whatever holds them now.
    fn make_directories(&self) {
        std::fs::create_dir_all(self.root().join("srv/tank/shop/pgdata")).unwrap();
    }

    fn named(&mut self, device: &str) {
        let filesystem = self.plan.filesystems.values_mut().next().unwrap();
        filesystem.device = DevicePath::parse(device).unwrap();
    }

    fn check(&self, containers: &[&str]) -> Result<Vec<Checked>, Fault> {
        let containers: Vec<String> = containers.iter().map(|&name| name.into()).collect();
        check(&self.plan, &containers, &RealSystem, &self.root())
    }

    /// Why `pg` does not start.
    fn wrong(&self) -> String {
        let checked = self.check(&["pg"]).unwrap();
        assert_eq!(checked.len(), 1, "{checked:?}");
        checked[0].wrong.clone().unwrap_or_default()
    }
}

fn mount(arguments: &[&str], point: &Path) {
    std::fs::create_dir_all(point).unwrap();
    let shown = point.to_string_lossy();
    let all: Vec<&str> = arguments.iter().copied().chain([&*shown]).collect();
    RealSystem.run("mount", &all).unwrap();
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn volumes_on_the_planned_filesystem_at_the_planned_place_are_told_so() {
    let host = Host::new();
    host.lab.mount("root/srv/tank", "subvol=@volumes");
    let all = host.check(&[]).unwrap();
    assert!(all.len() > 3, "{all:?}");
    assert!(all.iter().all(|one| one.wrong.is_none()), "{all:#?}");
    let one = host.check(&["pg"]).unwrap();
    assert_eq!(one[0].subject, "/srv/tank/shop/pgdata");
    assert_eq!(one[0].found, "/@volumes/shop/pgdata of tank");
    let unknown = host.check(&["pg", "nobody"]).unwrap();
    assert!(
        unknown
            .iter()
            .any(|one| one.subject == "nobody" && one.wrong.is_some())
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_mount_that_is_late_leaves_the_root_filesystem_and_that_is_told() {
    let host = Host::new();
    std::fs::create_dir_all(host.root()).unwrap();
    assert_eq!(host.wrong(), "it is not there");
    host.make_directories();
    assert!(
        host.wrong().ends_with("and not on tank"),
        "{}",
        host.wrong()
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn another_filesystem_at_the_same_place_is_told() {
    let host = Host::new();
    let other = Lab::new();
    let point = host.root().join("srv/tank");
    mount(&["-t", "btrfs", &other.device], &point);
    host.make_directories();
    assert!(
        host.wrong().starts_with("it is on the Btrfs filesystem "),
        "{}",
        host.wrong()
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn another_place_of_the_same_filesystem_is_told() {
    let host = Host::new();
    host.lab.mount("root/srv/tank", "subvol=@snapshots");
    host.make_directories();
    assert_eq!(
        host.wrong(),
        "it is /@snapshots/shop/pgdata of tank, and /@volumes/shop/pgdata is planned"
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_mount_that_hides_the_planned_one_is_told() {
    let host = Host::new();
    host.lab.mount("root/srv/tank", "subvol=@volumes");
    assert_eq!(host.wrong(), "");
    mount(&["-t", "tmpfs", "none"], &host.root().join("srv"));
    host.make_directories();
    assert!(
        host.wrong().starts_with("it is on tmpfs "),
        "{}",
        host.wrong()
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn the_same_filesystem_under_another_device_name_is_the_same() {
    let mut host = Host::new();
    host.lab.mount("root/srv/tank", "subvol=@volumes");
    let link = host.lab.directory.path().join("link");
    std::os::unix::fs::symlink(&host.lab.device, &link).unwrap();
    host.named(&link.to_string_lossy());
    assert_eq!(host.wrong(), "");
    // No such link: the kernel's own UUID and label are compared with the name.
    host.named("/dev/disk/by-uuid/00000000-0000-0000-0000-000000000000");
    assert!(host.wrong().starts_with("it is on the Btrfs filesystem "));
    host.named("/dev/disk/by-id/is-missing");
    let fault = host.check(&["pg"]).unwrap_err();
    assert!(fault.to_string().contains("nobody can say"), "{fault}");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn another_volume_at_the_planned_place_is_told() {
    let host = Host::new();
    let volumes = host.lab.mount("root/srv/tank", "subvol=@volumes");
    assert_eq!(host.wrong(), "");
    let (mine, other) = (volumes.join("shop/pgdata"), volumes.join("shop/uploads"));
    RealSystem.exchange(&mine, &other).unwrap();
    assert_eq!(
        host.wrong(),
        "it says that it is shop/uploads, and shop/pgdata is planned"
    );
}
