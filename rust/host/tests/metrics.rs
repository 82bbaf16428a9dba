//! What is told of a real Btrfs on a loop device. Run by `checks/run` as root.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;
#[path = "common/lab.rs"]
mod lab;

use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;

use common::{HOST, plan_of};
use lab::Lab;
use podman_btrfs_core::plan::{FilesystemPlan, JobSubvolume, Plan};
use podman_btrfs_host::metrics::{Collected, FAMILIES, collect};
use podman_btrfs_host::system::{RealSystem, System as _};

const MOMENT: &str = "20261123T120000+0000";

/// The planned layout on a filesystem of its own, mounted as planned.
struct Host {
    lab: Lab,
    plan: Plan,
    receipts: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        let lab = Lab::new();
        let tank = lab.directory.path().join("tank");
        let text = HOST
            .replace("/srv/tank", &tank.to_string_lossy())
            .replace("alice", "nobody")
            // Simple quotas are not what is looked at, and not every host has them.
            .replace(", \"limit\": \"1G\"", "")
            .replace("\"hourly\": 24}", "\"hourly\": 24}, \"tool\": \"btrbk\"");
        let plan = plan_of(&text);
        let receipt = lab.run(&plan, false);
        assert!(receipt.is_complete(), "{receipt:#?}");
        let receipts = tempfile::tempdir().unwrap();
        receipt.keep(&RealSystem, receipts.path()).unwrap();
        let host = Self {
            lab,
            plan,
            receipts,
        };
        host.mount();
        host
    }

    fn filesystem(&self) -> &FilesystemPlan {
        self.plan.filesystems.values().next().unwrap()
    }

    fn place(&self) -> &str {
        self.filesystem().mount_point.as_str()
    }

    fn protected(&self) -> &[JobSubvolume] {
        &self.plan.protection.jobs[0].subvolumes
    }

    fn points(&self) -> impl DoubleEndedIterator<Item = (&str, String)> {
        let ours = self.lab.directory.path();
        // The engine's own place is the host's.
        self.filesystem().mounts.iter().filter_map(move |mount| {
            let point = Path::new(mount.mount_point.as_str())
                .strip_prefix(ours)
                .ok()?;
            Some((point.to_str()?, format!("subvol=/{}", mount.subvolume)))
        })
    }

    fn mount(&self) {
        for (point, options) in self.points() {
            self.lab.mount(point, &options);
        }
    }

    fn unmount(&self) {
        for (point, _) in self.points().rev() {
            let point = self.lab.directory.path().join(point);
            must("umount", &["--", &point.to_string_lossy()]);
        }
    }

    /// Overwrites the first place in the image that holds this; it must not be mounted.
    fn damage(&self, content: &[u8]) {
        let image = self.lab.directory.path().join("image");
        let bytes = std::fs::read(&image).unwrap();
        let block = bytes
            .chunks(4096)
            .position(|block| block == content)
            .unwrap();
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(&image)
            .unwrap();
        let at = u64::try_from(block * 4096).unwrap();
        file.write_all_at(&[b'W'; 4096], at).unwrap();
        file.sync_all().unwrap();
    }

    fn collect(&self) -> Collected {
        collect(&self.plan, &RealSystem, self.receipts.path())
    }
}

fn must(program: &str, arguments: &[&str]) {
    RealSystem.run(program, arguments).unwrap();
}

/// The values whose series begins so.
fn values(collected: &Collected, begins: &str) -> Vec<u64> {
    let text = collected.metrics.text();
    let lines = text.lines().filter(|line| line.starts_with(begins));
    lines
        .map(|line| line.rsplit_once(' ').unwrap().1.parse().unwrap())
        .collect()
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn everything_of_a_whole_host_is_known() {
    let host = Host::new();
    must("btrfs", &["scrub", "start", "-B", "--", host.place()]);
    let directory = &host.plan.protection.jobs[0].snapshot_directory;
    for subvolume in host.protected() {
        let to = format!("{directory}/{}.{MOMENT}", subvolume.name);
        let from = subvolume.host_path.as_str();
        must("btrfs", &["subvolume", "snapshot", "-r", "--", from, &to]);
    }
    let seen = host.collect();
    assert_eq!(seen.unknown, Vec::<String>::new());
    let size = std::fs::metadata(host.lab.directory.path().join("image"))
        .unwrap()
        .len();
    for (begins, wanted) in [
        ("podman_btrfs_size_bytes", size),
        ("podman_btrfs_missing_bytes", 0),
        ("podman_btrfs_snapshots", 1),
        ("podman_btrfs_snapshot_newest", 1_795_435_200),
        ("podman_btrfs_device_errors_total", 0),
        ("podman_btrfs_scrub_errors", 0),
        ("podman_btrfs_apply_steps{state=\"failed\"}", 0),
    ] {
        let found = values(&seen, begins);
        let all_are = found.iter().all(|value| *value == wanted);
        assert!(!found.is_empty() && all_are, "{begins} {found:?}");
    }
    let one = |begins| values(&seen, begins)[0];
    let now = one("podman_btrfs_collected");
    assert!(one("podman_btrfs_scrub_end").abs_diff(now) < 60);
    assert!(one("podman_btrfs_apply_timestamp").abs_diff(now) < 60);
    assert!(one("podman_btrfs_boot_timestamp") < now);
    assert!(one("podman_btrfs_unallocated_bytes") < size);
    // Such a host has a value of every name, and nothing unknown. No restore was drilled on it.
    let names: Vec<_> = seen.metrics.names().collect();
    let all = FAMILIES.iter().map(|family| family.name);
    let missing: Vec<_> = all.filter(|name| !names.contains(name)).collect();
    assert_eq!(
        missing,
        [
            "podman_btrfs_unknown",
            "podman_btrfs_last_proven_restore_timestamp_seconds",
            "podman_btrfs_unproven_since_timestamp_seconds",
            "podman_btrfs_drill_failed"
        ]
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn damage_is_counted() {
    let host = Host::new();
    let file = Path::new(host.protected()[0].host_path.as_str()).join("file");
    let content: Vec<u8> = (0..16384_u32)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    std::fs::write(file, &content).unwrap();
    host.unmount();
    host.damage(&content[..4096]);
    host.mount();
    // It ends with an error, which is what is to be seen.
    let _ = RealSystem.run("btrfs", &["scrub", "start", "-B", "--", host.place()]);
    let seen = host.collect();
    let found = values(
        &seen,
        "podman_btrfs_scrub_errors{filesystem=\"tank\",result=\"uncorrectable\"}",
    );
    assert_eq!(found, [1]);
    let errors = values(&seen, "podman_btrfs_device_errors_total");
    let counted = errors.iter().filter(|count| **count > 0).count();
    assert_eq!(counted, 1, "{errors:?}");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_is_not_mounted_is_unknown() {
    let host = Host::new();
    host.unmount();
    let seen = host.collect();
    let text = seen.metrics.text();
    assert!(text.contains("what=\"mount\"} 1"), "{text}");
    assert!(text.contains("what=\"snapshots in"), "{text}");
    for begins in ["podman_btrfs_unallocated_bytes", "podman_btrfs_snapshots"] {
        assert_eq!(values(&seen, begins), Vec::<u64>::new());
    }
}

#[test]
fn a_published_file_is_readable_by_all_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("podman-btrfs.prom");
    for text in ["a 1\n", "a 2\n"] {
        RealSystem.publish(&path, text).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}
