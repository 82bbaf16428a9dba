//! `emergency` on filesystems that are really full, of data and of metadata: its steps, taken in the order in which they are
//! proposed, make it writable again. Run by `checks/host/run` as root.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use btrfs::{Host, sh};
use common::Run;
use podman_btrfs_host::system::{RealSystem, System as _};
use serde_json::Value;

const SHOP: &str = r#"{
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "HERE/tank"}},
  "policies": {"hourly": {"rpo": "1h", "tool": "btrbk", "keep": {"hourly": 2}}},
  "workloads": {"shop": {
    "containers": {"web": {}},
    "protection": {"policy": "hourly"},
    "volumes": {"files": {"mounts": {"web": "/files"}}, "thumbs": {"mounts": {"web": "/thumbs"}, "class": "cache", "snapshot": false}}
  }}
}"#;
const PRECIOUS: &str = "what must never be lost";

/// A host whose ledger and receipts lie on the filesystem in question too.
struct Full {
    host: Host,
    plan: PathBuf,
    newest: PathBuf,
}

impl Full {
    fn new() -> Self {
        let host = Host::new(1, 512);
        let receipts = host.disks[0].top.join("receipts");
        fs::create_dir(&receipts).unwrap();
        symlink(&receipts, host.path("receipts")).unwrap();
        let plan = host.plan_here("shop", SHOP);
        host.apply(&plan);
        host.mount_planned(&plan);
        fs::write(host.path("tank/shop/files/precious"), PRECIOUS).unwrap();
        let newest = snapshot_path(&host, 0);
        Self { host, plan, newest }
    }

    fn files(&self) -> PathBuf {
        self.host.path("tank/shop/files")
    }

    fn snapshot(&self, hours: u64) {
        let (from, to) = (
            self.host.path("tank/shop"),
            snapshot_path(&self.host, hours),
        );
        let (from, to) = (from.to_string_lossy(), to.to_string_lossy());
        sh("btrfs", &["subvolume", "snapshot", "-r", &from, &to]);
    }

    fn emergency(&self, more: &[&str]) -> Run {
        let more = [&["tank"][..], more].concat();
        common::run_with(self.host.ending("emergency", &self.plan, &more), "")
    }

    fn proposal(&self) -> Value {
        let run = self.emergency(&["--format", "json"]);
        assert!(run.code < 2, "{}", run.shown());
        let found: Value = serde_json::from_str(&run.stdout).unwrap();
        found["proposal"].clone()
    }

    fn is_writable(&self) -> bool {
        RealSystem.takes_writes(&self.host.path("tank")).unwrap()
    }

    /// Takes the steps in their order until nothing is full; their names.
    fn take_all(&self) -> Vec<String> {
        let mut taken: Vec<String> = Vec::new();
        loop {
            let proposal = self.proposal();
            if proposal["fullness"]["known"] == "not-full" {
                return taken;
            }
            let steps = proposal["steps"].as_array().unwrap();
            let next = steps.iter().find(|step| {
                let name = step["name"].as_str().unwrap();
                // Podman has no store here, and deletions can be repeated as long as there is something to delete.
                step["act"]["by"] != "person" && !taken.iter().any(|other| other == name)
            });
            let name = next.unwrap_or_else(|| panic!("after {taken:?}: {proposal:#}"))["name"]
                .as_str()
                .unwrap();
            let run = self.emergency(&["--take", name]);
            assert!(self.newest.is_dir(), "{name} deleted the newest snapshot");
            assert_eq!(run.code, 0, "{}", run.shown());
            taken.push(name.to_owned());
        }
    }

    fn forget_but_the_newest(&self) {
        for entry in fs::read_dir(self.host.path("tank/.snapshots")).unwrap() {
            let path = entry.unwrap().path();
            if path != self.newest {
                sh(
                    "btrfs",
                    &["subvolume", "delete", "-c", &path.to_string_lossy()],
                );
            }
        }
    }

    fn nothing_is_lost(&self) {
        for place in [self.files(), self.newest.join("files")] {
            let text = fs::read_to_string(place.join("precious")).unwrap();
            assert_eq!(text, PRECIOUS);
        }
        sh(
            "btrfs",
            &[
                "scrub",
                "start",
                "-B",
                &self.host.path("tank").to_string_lossy(),
            ],
        );
    }
}

fn snapshot_path(host: &Host, hours: u64) -> PathBuf {
    let taken = RealSystem.now() / 3600 * 3600 - hours * 3600;
    let date = [
        "--utc",
        "--date",
        &format!("@{taken}"),
        "+%Y%m%dT%H%M%S+0000",
    ];
    let stamp = sh("date", &date);
    host.path(&format!("tank/.snapshots/shop.{}", stamp.trim()))
}

/// A file of so many MiB that nothing else shares; false: there is no space for it.
fn large(path: &Path, mib: u64) -> bool {
    let tried = std::process::Command::new("fallocate")
        .args(["-l", &format!("{mib}M"), "--"])
        .arg(path)
        .output()
        .unwrap();
    tried.status.success()
}

/// Files with an attribute each that takes a leaf of metadata; how many there was space for.
fn small(directory: &Path, most: u32) -> u32 {
    with_attributes(directory, most, 15_000)
}

fn with_attributes(directory: &Path, most: u32, bytes: usize) -> u32 {
    if let Err(error) = fs::create_dir(directory) {
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        return 0;
    }
    for number in 0..most {
        let made = File::create(directory.join(number.to_string())).and_then(|file| {
            let flags = rustix::fs::XattrFlags::empty();
            let set = rustix::fs::fsetxattr(&file, "user.large", &vec![b'x'; bytes], flags);
            set.map_err(std::io::Error::from)
        });
        if let Err(error) = made {
            assert_eq!(error.kind(), ErrorKind::StorageFull);
            return number;
        }
    }
    most
}

/// Until not even a little file can be written.
fn fill_with_data(directory: &Path) {
    for (number, mib) in [64, 16, 4, 1].into_iter().enumerate() {
        let mut count = 0;
        while large(&directory.join(format!("fill-{number}-{count}")), mib) {
            count += 1;
        }
    }
    for size in [65_536, 4096] {
        for count in 0.. {
            let bytes: Vec<u8> = (0..size)
                .map(|at: u32| at.wrapping_mul(2_654_435_761).to_be_bytes()[0])
                .collect();
            let file = directory.join(format!("end-{size}-{count}"));
            let made = File::create(file).and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()
            });
            if made.is_err() {
                break;
            }
        }
    }
    sh("sync", &["-f", &directory.to_string_lossy()]);
}

/// Until no file can be made.
fn fill_with_metadata(full: &Full, name: &str) {
    for batch in 0..60 {
        // Large ones first, and small ones in what is left.
        let bytes = if batch < 3 { 15_000 } else { 500 };
        let directory = full.host.path(&format!("tank/{name}-{batch}"));
        with_attributes(&directory, 2000, bytes);
        // What is freed in a transaction can be used after it.
        sh("sync", &["-f", &full.host.path("tank").to_string_lossy()]);
        if !full.is_writable() {
            return;
        }
    }
    panic!("metadata never got full");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_filesystem_full_of_data_is_writable_again_and_the_newest_snapshot_stays() {
    let full = Full::new();
    assert_eq!(full.proposal()["fullness"]["known"], "not-full");
    assert_eq!(full.emergency(&[]).code, 0);
    // What each snapshot holds alone: 25 MiB.
    for hours in (1..8).rev() {
        let file = full.files().join("changing");
        assert!(large(&file, 25));
        full.snapshot(hours);
        fs::remove_file(&file).unwrap();
    }
    full.snapshot(0);
    fill_with_data(&full.files());
    assert!(!full.is_writable());

    let shown = full.emergency(&[]);
    assert_eq!(shown.code, 1, "{}", shown.shown());
    for part in [
        "it is full of data",
        "no file can be written",
        "at least 125 MiB of data",
        "cache:shop/thumbs",
        "Nothing was done",
    ] {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.shown());
    }
    let steps = full.proposal()["steps"].clone();
    let first = &steps[0];
    assert_eq!(first["name"], "snapshots-beyond-policy:shop", "{steps:#}");
    assert_eq!(first["needs"], "nothing");
    for step in steps.as_array().unwrap() {
        let paths = step["paths"].as_array().unwrap();
        let newest = full.newest.to_string_lossy();
        assert!(
            !paths.iter().any(|path| path.as_str() == Some(&*newest)),
            "{step:#}"
        );
    }

    // Where the receipts are is full too; the record of the step is kept elsewhere, and told.
    let nothing = full.emergency(&["--take", "empty-chunks"]);
    assert_eq!(nothing.code, 0, "{}", nothing.shown());
    assert!(
        nothing.stderr.contains("until the next boot"),
        "{}",
        nothing.shown()
    );
    let person = full.emergency(&["--take", "add-device"]);
    assert_eq!(person.code, 1, "{}", person.shown());
    let unknown = full.emergency(&["--take", "no-such-step"]);
    assert_eq!(unknown.code, 1);
    assert!(
        unknown
            .stderr
            .contains("proposed is: snapshots-beyond-policy:shop"),
        "{}",
        unknown.shown()
    );

    // Killed in the middle it has done a part, and the next run does the rest.
    for milliseconds in [40, 120, 300] {
        let more = ["tank", "--take", "snapshots-beyond-policy:shop"];
        let mut running = full
            .host
            .ending("emergency", &full.plan, &more)
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        running.kill().unwrap();
        running.wait().unwrap();
        assert!(full.newest.is_dir());
    }
    sh(
        "btrfs",
        &[
            "subvolume",
            "sync",
            &full.host.path("tank").to_string_lossy(),
        ],
    );
    fill_with_data(&full.host.path("tank/shop+thumbs"));
    let taken = full.take_all();
    assert!(!taken.is_empty() && full.is_writable());
    assert!(large(&full.files().join("again"), 20));
    full.nothing_is_lost();
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_filesystem_full_of_metadata_is_writable_again_and_the_newest_snapshot_stays() {
    let full = Full::new();
    // What each snapshot holds alone: 200 files of 16 KiB of metadata.
    for hours in (1..8).rev() {
        let directory = full.files().join("changing");
        assert_eq!(small(&directory, 200), 200);
        full.snapshot(hours);
        fs::remove_dir_all(&directory).unwrap();
    }
    full.snapshot(0);
    let bulk = full.host.path("tank/bulk");
    fs::create_dir(&bulk).unwrap();
    let mut count = 0;
    while large(&bulk.join(count.to_string()), 16) {
        count += 1;
    }
    sh("sync", &["-f", &bulk.to_string_lossy()]);
    // Chunks of data that are half empty, and none that is empty.
    for number in (0..count).step_by(2) {
        fs::remove_file(bulk.join(number.to_string())).unwrap();
    }
    sh("sync", &["-f", &bulk.to_string_lossy()]);
    fill_with_metadata(&full, "small");

    let shown = full.emergency(&[]);
    assert_eq!(shown.code, 1, "{}", shown.shown());
    assert!(
        shown.stdout.contains("its metadata is full"),
        "{}",
        shown.shown()
    );
    let steps = full.proposal()["steps"].clone();
    assert_eq!(
        steps[0]["name"], "snapshots-beyond-policy:shop",
        "{steps:#}"
    );

    // What needs room before there is any fails, and nothing is lost by it.
    let early = full.emergency(&["--take", "compact-chunks"]);
    assert_eq!(early.code, 2, "{}", early.shown());
    assert!(
        early.stdout.contains("No space left on device"),
        "{}",
        early.shown()
    );
    assert!(
        early.stderr.contains("until the next boot"),
        "{}",
        early.shown()
    );

    let taken = full.take_all();
    assert_eq!(taken, ["snapshots-beyond-policy:shop"]);
    assert!(full.is_writable());
    full.nothing_is_lost();

    // And once more, when no snapshot is left that the policy does not keep: room for metadata is inside the chunks of data.
    fill_with_metadata(&full, "more");
    let older = full.emergency(&["--take", "older-snapshots:shop"]);
    assert_eq!(older.code, 0, "{}", older.shown());
    assert_eq!(full.proposal()["fullness"]["known"], "metadata");
    let compact = full.emergency(&["--take", "compact-chunks"]);
    assert_eq!(compact.code, 0, "{}", compact.shown());
    assert_eq!(full.proposal()["fullness"]["known"], "not-full");
    assert!(full.is_writable() && full.newest.is_dir());

    // When only the newest is left there is room for metadata only inside the chunks of data, and none to get at it: a
    // person adds a device, empties chunks, and removes it again, by the commands that are shown.
    full.forget_but_the_newest();
    fill_with_metadata(&full, "most");
    let compact = full.emergency(&["--take", "compact-chunks"]);
    assert_eq!(compact.code, 2, "{}", compact.shown());
    let steps = full.proposal()["steps"].clone();
    let device = steps
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["name"] == "add-device");
    let mut spare = Host::new(1, 256);
    let spare_device = spare.disks.pop().unwrap();
    sh("umount", &[&spare_device.top.to_string_lossy()]);
    sh("wipefs", &["--quiet", "--all", &spare_device.device]);
    for command in device.unwrap()["commands"].as_array().unwrap() {
        let words: Vec<&str> = command
            .as_array()
            .unwrap()
            .iter()
            .map(|word| word.as_str().unwrap())
            .map(|word| {
                if word == "DEVICE" {
                    &*spare_device.device
                } else {
                    word
                }
            })
            .collect();
        sh(words[0], &words[1..]);
    }
    sh("losetup", &["--detach", &spare_device.device]);
    assert_eq!(full.proposal()["fullness"]["known"], "not-full");
    assert_eq!(small(&full.host.path("tank/again"), 500), 500);
    full.nothing_is_lost();
}
