//! Scrub, trim and balance on a real Btrfs on a loop device. Run by `checks/run` as root.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::path::{Path, PathBuf};

use common::{HOST, plan_of};
use podman_btrfs_core::plan::FilesystemPlan;
use podman_btrfs_core::units::{HostPath, Text};
use podman_btrfs_core::upkeep::Task;
use podman_btrfs_host::observe::usage;
use podman_btrfs_host::system::{Fault, RealSystem, System};
use podman_btrfs_host::upkeep::{Outcome, balance, run};

const SIZE: u64 = 2 << 30;
const MIB: u64 = 1 << 20;

/// A Btrfs of two gibibytes in a file, mounted; the kernel lets go of all of it when this ends.
struct Lab {
    _directory: tempfile::TempDir,
    device: String,
    place: PathBuf,
}

impl Lab {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (image, place) = (directory.path().join("image"), directory.path().join("top"));
        std::fs::File::create(&image)
            .unwrap()
            .set_len(SIZE)
            .unwrap();
        std::fs::create_dir(&place).unwrap();
        let image = image.to_string_lossy().into_owned();
        must("mkfs.btrfs", &["--quiet", "-m", "dup", &image]);
        let device = must("losetup", &["--find", "--show", &image])
            .trim()
            .to_owned();
        let lab = Self {
            _directory: directory,
            device,
            place,
        };
        must("mount", &["-t", "btrfs", &lab.device, lab.place()]);
        lab
    }

    fn place(&self) -> &str {
        self.place.to_str().unwrap()
    }

    /// The filesystem of a plan, mounted here.
    fn planned(&self) -> FilesystemPlan {
        let plan = plan_of(&HOST.replace("alice", "nobody"));
        let mut filesystem = plan.filesystems.values().next().unwrap().clone();
        filesystem.mount_point = HostPath::parse(self.place()).unwrap();
        filesystem
    }

    fn usage(&self) -> podman_btrfs_core::observed::Space {
        usage::parse(&must(
            "btrfs",
            &["filesystem", "usage", "--raw", self.place()],
        ))
        .unwrap()
    }

    fn write(&self, name: &str, bytes: u64) -> bool {
        let file = std::fs::File::create(self.place.join(name)).unwrap();
        rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes).is_ok()
    }

    /// Gives all space out in chunks, and leaves one file in sixteen.
    fn leave_mostly_empty_chunks(&self) {
        let written =
            (0..1000).take_while(|number| self.write(&format!("file-{number}"), 16 * MIB));
        for number in written.collect::<Vec<_>>() {
            if number % 16 != 0 {
                std::fs::remove_file(self.place.join(format!("file-{number}"))).unwrap();
            }
        }
        self.sync();
    }

    fn sync(&self) {
        must("btrfs", &["filesystem", "sync", self.place()]);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = RealSystem.run("umount", &["--", self.place.to_str().unwrap_or_default()]);
        let _ = RealSystem.run("losetup", &["--detach", &self.device]);
    }
}

fn must(program: &str, arguments: &[&str]) -> String {
    RealSystem
        .run(program, arguments)
        .unwrap_or_else(|fault| panic!("needs root, Btrfs in the kernel and loop devices: {fault}"))
        .stdout
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_balance_moves_nothing_where_there_is_room_and_no_more_than_needed_where_there_is_not() {
    let lab = Lab::new();
    let mut heard = Vec::new();
    let done = balance(&RealSystem, lab.place(), Some(SIZE / 10), &mut |text| {
        heard.push(text.to_owned());
    })
    .unwrap();
    assert_eq!((done.batches, heard.len()), (0, 0), "{done:?} {heard:?}");

    lab.leave_mostly_empty_chunks();
    let before = lab.usage();
    // A batch gives back about as many chunks as it has; the second mark needs several batches.
    let little = before.room() + 100 * MIB;
    let done = balance(&RealSystem, lab.place(), Some(little), &mut |_| ()).unwrap();
    assert_eq!(done.batches, 1, "{done:?}");
    assert!(done.after >= little, "{done:?}");

    let most = SIZE - 600 * MIB;
    let done = balance(&RealSystem, lab.place(), Some(most), &mut |_| ()).unwrap();
    assert!(done.after >= most, "{done:?}");
    assert_eq!(
        lab.usage().metadata[0].size,
        before.metadata[0].size,
        "metadata is left alone"
    );
    assert_eq!(
        lab.usage().data[0].used,
        before.data[0].used,
        "no data is lost"
    );

    // What cannot be had ends, and is told.
    let done = balance(&RealSystem, lab.place(), Some(SIZE), &mut |_| ()).unwrap();
    assert!(done.after < SIZE && done.batches <= 32, "{done:?}");
    let mut planned = lab.planned();
    planned.reserve_bytes = Some(SIZE);
    let outcome = run(Task::Balance, &planned, &RealSystem, &mut |_| ()).unwrap();
    assert!(matches!(outcome, Outcome::Finding(_)), "{outcome:?}");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn damage_that_nothing_can_heal_is_a_finding() {
    let lab = Lab::new();
    let planned = lab.planned();
    let content: Vec<u8> = (0..16384_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(lab.place.join("file"), &content).unwrap();
    lab.sync();
    let outcome = run(Task::Scrub, &planned, &RealSystem, &mut |_| ()).unwrap();
    assert!(matches!(outcome, Outcome::Fine(_)), "{outcome:?}");

    must("umount", &["--", lab.place()]);
    damage(&lab.place.with_file_name("image"), &content[..4096]);
    must("mount", &["-t", "btrfs", &lab.device, lab.place()]);
    let outcome = run(Task::Scrub, &planned, &RealSystem, &mut |_| ()).unwrap();
    assert!(
        matches!(&outcome, Outcome::Finding(text) if text.contains("no second copy")),
        "{outcome:?}"
    );
}

/// Overwrites the first place in an image that holds this.
fn damage(image: &Path, content: &[u8]) {
    use std::os::unix::fs::FileExt as _;
    let bytes = std::fs::read(image).unwrap();
    let at = bytes
        .chunks(4096)
        .position(|block| block == content)
        .unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(image).unwrap();
    file.write_all_at(&[b'W'; 4096], u64::try_from(at * 4096).unwrap())
        .unwrap();
    file.sync_all().unwrap();
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_trim_tells_what_it_gave_back() {
    let lab = Lab::new();
    let outcome = run(Task::Trim, &lab.planned(), &RealSystem, &mut |_| ()).unwrap();
    assert!(
        matches!(&outcome, Outcome::Fine(text) if text.contains("trimmed")),
        "{outcome:?}"
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_is_not_mounted_is_left_alone() {
    let lab = Lab::new();
    let planned = lab.planned();
    must("umount", &["--", lab.place()]);
    for task in Task::ALL {
        let fault = run(task, &planned, &RealSystem, &mut |_| ()).unwrap_err();
        assert!(
            matches!(&fault, Fault::Unexpected(text) if text.contains("no Btrfs is mounted")),
            "{fault}"
        );
    }
}
