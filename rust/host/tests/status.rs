//! What `status` finds on a real Btrfs on a loop device of which it is known to the byte what lies on it. Run by `checks/run` as root.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;
#[path = "common/doctor_host.rs"]
#[expect(dead_code, reason = "the tests of `doctor` take all of it")]
mod doctor_host;
#[path = "common/lab.rs"]
mod lab;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use doctor_host::{DoctorHost, must};
use podman_btrfs_core::observed::Known;
use podman_btrfs_host::ledger::{Left, Place, Why};
use podman_btrfs_host::observe::{Places, observe};
use podman_btrfs_host::status::history::{FILE, History, Record};
use podman_btrfs_host::status::{Records, Sizes, Status, WorkloadSizes, status};
use podman_btrfs_host::system::{RealSystem, System as _};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const REASON: &str = "needs root, Btrfs in the kernel and loop devices";

/// Bytes that no compression makes less of (`xorshift64*`), others for each seed.
fn noise(seed: u64, length: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let words = (0..length / 8).flat_map(|_| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes()
    });
    words.collect()
}

struct Host {
    on: DoctorHost,
}

impl Host {
    fn path(&self, below: &str) -> PathBuf {
        self.on.path(below).into()
    }

    /// Writes a file, which is on the disk then.
    fn write(&self, below: &str, content: &[u8]) {
        let path = self.path(below);
        fs::write(&path, content).unwrap();
        fs::File::open(&path).unwrap().sync_all().unwrap();
    }

    fn sync(&self) {
        must("btrfs", &["filesystem", "sync", &self.on.path("")]);
    }

    fn snapshot(&self, of: &str, name: &str) {
        let (from, to) = (
            self.on.path(of),
            self.on.path(&format!(".snapshots/{name}")),
        );
        must("btrfs", &["subvolume", "snapshot", "-r", &from, &to]);
    }

    fn receipts(&self) -> PathBuf {
        self.on.lab.directory.path().join("receipts")
    }

    fn status(&self, history: &History) -> Status {
        self.sync();
        let observed = observe(&self.on.plan, &RealSystem, &Places::default());
        let receipts = self.receipts();
        let records = Records {
            receipts: &receipts,
            ledger: &receipts.join("ledger.json"),
            history,
            simulated: &BTreeMap::new(),
        };
        status(&self.on.plan, &observed, records, &RealSystem)
    }
}

fn volume(status: &Status, key: &str) -> Sizes {
    let copy = key.split('/').next().unwrap();
    let volume = &status.workloads[copy].volumes[key];
    assert!(
        matches!(volume.sizes, Known::Known(Some(_))),
        "{REASON}: {volume:#?}"
    );
    volume.sizes.get().unwrap().unwrap()
}

fn workload(status: &Status, copy: &str) -> WorkloadSizes {
    *status.workloads[copy].sizes.get().unwrap()
}

fn sizes(referenced: u64, stored: u64, uncompressed: u64, exclusive: u64) -> Sizes {
    Sizes {
        referenced_bytes: referenced,
        stored_bytes: stored,
        uncompressed_bytes: uncompressed,
        exclusive_bytes: exclusive,
    }
}

/// What all subvolumes hold is what the chunks of data do: nothing is counted twice, and nothing forgotten.
fn whole(status: &Status) {
    let tank = status.filesystems.values().next().unwrap();
    let stored = tank.sizes.get().unwrap().stored_bytes;
    assert_eq!(stored, tank.space.get().unwrap().data_bytes);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn each_size_is_what_was_written() {
    let host = Host {
        on: DoctorHost::new(),
    };
    // Not compressed, by its property.
    host.write("shop/pgdata/table", &noise(1, MIB));
    // Compressed by the mount's option: each piece of 128 KiB takes one block.
    host.write("shop/uploads/zeros", &vec![0; 1 << 20]);
    // In the tree itself, a hole, and room that was asked for.
    host.write("shop/uploads/small", &[7; 100]);
    fs::File::create(host.path("shop/uploads/hole"))
        .unwrap()
        .set_len(MIB)
        .unwrap();
    must(
        "fallocate",
        &["--length", "65536", &host.on.path("shop+films/room")],
    );
    let found = host.status(&History::default());
    assert_eq!(volume(&found, "shop/pgdata"), sizes(MIB, MIB, MIB, MIB));
    assert_eq!(
        volume(&found, "shop/uploads"),
        sizes(MIB + 100, 32 * KIB, MIB, 32 * KIB)
    );
    let room = 64 * KIB;
    assert_eq!(volume(&found, "shop/films"), sizes(room, room, room, room));
    assert_eq!(volume(&found, "metrics/samples"), sizes(0, 0, 0, 0));
    whole(&found);

    // Written over in part: the first extent stays whole as long as any of it is referred to.
    host.write("shop/pgdata/half", &noise(2, 128 * KIB));
    let half = fs::File::options()
        .write(true)
        .open(host.path("shop/pgdata/half"))
        .unwrap();
    half.write_all_at(&noise(3, 64 * KIB), 0).unwrap();
    half.sync_all().unwrap();
    let found = host.status(&History::default());
    let stored = MIB + 192 * KIB;
    assert_eq!(
        volume(&found, "shop/pgdata"),
        sizes(MIB + 128 * KIB, stored, stored, stored)
    );

    // A second name in another volume: the file is of both.
    fs::hard_link(
        host.path("shop/pgdata/half"),
        host.path("shop/uploads/half"),
    )
    .unwrap();
    let found = host.status(&History::default());
    assert_eq!(
        volume(&found, "shop/pgdata"),
        sizes(MIB + 128 * KIB, stored, stored, MIB)
    );
    let uploads = volume(&found, "shop/uploads");
    assert_eq!(
        uploads,
        sizes(MIB + 100 + 128 * KIB, 224 * KIB, MIB + 192 * KIB, 32 * KIB)
    );
    assert_eq!(
        workload(&found, "shop").exclusive_bytes,
        stored + 32 * KIB + room
    );
    whole(&found);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_snapshots_cost_and_what_is_shared_is_known_to_the_byte() {
    let host = Host {
        on: DoctorHost::new(),
    };
    host.write("shop/pgdata/old", &noise(1, MIB));
    host.write("shop/pgdata/kept", &noise(2, 2 * MIB));
    host.write("shop/uploads/shared", &noise(3, 4 * MIB));
    host.snapshot("shop", "shop.20261123T120000+0000");
    host.snapshot("shop", "shop.20261123T130000+0000");
    fs::remove_file(host.path("shop/pgdata/old")).unwrap();
    // Another workload has what one of them has: deleting the first gives nothing of that back.
    must("touch", &[&host.on.path("metrics+samples/copy")]);
    must("chattr", &["-C", &host.on.path("metrics+samples/copy")]);
    let (from, to) = (
        host.on.path("shop/uploads/shared"),
        host.on.path("metrics+samples/copy"),
    );
    must("cp", &["--reflink=always", &from, &to]);
    let found = host.status(&History::default());
    let shop = workload(&found, "shop");
    let wanted = WorkloadSizes {
        referenced_bytes: 6 * MIB,
        stored_bytes: 7 * MIB,
        uncompressed_bytes: 7 * MIB,
        exclusive_bytes: 3 * MIB,
        snapshot_bytes: MIB,
    };
    assert_eq!(shop, wanted);
    // The snapshots have it too.
    assert_eq!(
        volume(&found, "shop/pgdata"),
        sizes(2 * MIB, 2 * MIB, 2 * MIB, 0)
    );
    let samples = volume(&found, "metrics/samples");
    assert_eq!(samples, sizes(4 * MIB, 4 * MIB, 4 * MIB, 0));
    whole(&found);
    let series = &found.workloads["shop"].series;
    let of_group = series.iter().find(|of| of.name == "shop").unwrap();
    assert_eq!(of_group.count, Known::Known(2));
    assert_eq!(of_group.newest, Known::Known(Some(1_795_438_800)));

    // Each is given back as it was said.
    let used = |found: &Status| {
        found
            .filesystems
            .values()
            .next()
            .unwrap()
            .space
            .get()
            .unwrap()
            .data_bytes
    };
    let before = used(&found);
    for name in ["shop.20261123T120000+0000", "shop.20261123T130000+0000"] {
        must(
            "btrfs",
            &[
                "subvolume",
                "delete",
                "-c",
                &host.on.path(&format!(".snapshots/{name}")),
            ],
        );
    }
    must("btrfs", &["subvolume", "sync", &host.on.path("")]);
    let found = host.status(&History::default());
    assert_eq!(before - used(&found), MIB);
    assert_eq!(workload(&found, "shop").snapshot_bytes, 0);
    assert_eq!(volume(&found, "shop/pgdata").exclusive_bytes, 2 * MIB);
    whole(&found);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_nobody_planned_is_listed_with_what_it_takes() {
    let host = Host {
        on: DoctorHost::new(),
    };
    must("btrfs", &["subvolume", "create", &host.on.path("blog")]);
    host.write("blog/posts", &noise(1, MIB));
    host.snapshot("blog", "blog.20261123T120000+0000");
    fs::remove_file(host.path("blog/posts")).unwrap();
    host.write("blog/posts", &noise(2, 2 * MIB));
    // What was removed of a workload that is still there.
    fs::create_dir(host.path("shop/carts")).unwrap();
    host.write("shop/carts/open", &noise(3, 4 * MIB));
    let left = Left {
        volume: "shop/carts".into(),
        id: "1".into(),
        place: Place {
            filesystem: host.on.plan.filesystems.keys().next().unwrap().clone(),
            path: "@volumes/shop/carts".into(),
        },
        since: 1,
        grace_until: 2,
        why: Why::Removed,
        last_snapshot: None,
        retiring: false,
    };
    let ledger =
        serde_json::json!({"ledgerVersion": 1, "filesystems": {}, "volumes": {}, "left": [left]});
    fs::create_dir(host.receipts()).unwrap();
    fs::write(host.receipts().join("ledger.json"), ledger.to_string()).unwrap();
    let layers = host.on.store("btrfs/subvolumes");
    fs::create_dir_all(&layers).unwrap();
    for layer in ["dead", "live"] {
        must(
            "btrfs",
            &["subvolume", "create", &format!("{layers}/{layer}")],
        );
        fs::write(format!("{layers}/{layer}/file"), noise(4, 8 * MIB)).unwrap();
    }
    fs::create_dir_all(host.on.store("btrfs-layers")).unwrap();
    fs::write(
        host.on.store("btrfs-layers/layers.json"),
        r#"[{"id": "live"}]"#,
    )
    .unwrap();

    let found = host.status(&History::default());
    let tank = found.filesystems.values().next().unwrap();
    let told: Vec<_> = tank
        .unplanned
        .iter()
        .map(|of| {
            let places: Vec<_> = of
                .places
                .iter()
                .map(|place| (place.path.as_str(), place.volume.as_deref()))
                .collect();
            (
                of.name.as_str(),
                places,
                of.sizes.get().unwrap().exclusive_bytes,
            )
        })
        .collect();
    let blog = vec![
        ("@snapshots/blog.20261123T120000+0000", None),
        ("@volumes/blog", None),
    ];
    let carts = vec![("@volumes/shop/carts", Some("shop/carts"))];
    assert_eq!(told, [("blog", blog, 3 * MIB), ("shop", carts, 4 * MIB)]);
    let leaked = &tank.leaked_layers;
    assert_eq!(leaked.len(), 1, "{leaked:#?}");
    assert_eq!(leaked[0].layers, Known::Known(vec!["dead".to_owned()]));
    assert_eq!(leaked[0].sizes.get().unwrap().exclusive_bytes, 8 * MIB);
    let stores = tank
        .others
        .iter()
        .find(|of| of.what == "Podman's stores")
        .unwrap();
    assert!(stores.sizes.stored_bytes >= 8 * MIB);
    assert_eq!(workload(&found, "shop"), WorkloadSizes::default());
    whole(&found);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn growth_comes_from_what_was_recorded_of_this_filesystem() {
    let host = Host {
        on: DoctorHost::new(),
    };
    host.write("shop/pgdata/table", &noise(1, 8 * MIB));
    let file = host.receipts().join(FILE);
    let first = host.status(&History::default());
    let tank = |found: &Status| found.filesystems.values().next().unwrap().clone();
    assert_eq!((tank(&first).growth, tank(&first).until_full), (None, None));
    // As if it had been recorded each day, a mebibyte less each time.
    for ago in (1..=5).rev() {
        let mut record = Record::of(&first).unwrap();
        record.at -= ago * 24 * 60 * 60;
        for of in record.filesystems.values_mut() {
            of.data -= ago * MIB;
        }
        for bytes in record.volumes.values_mut() {
            *bytes = bytes.saturating_sub(ago * MIB);
        }
        let mut history = History::read(&RealSystem, &file).unwrap();
        history.record(record, &RealSystem, &file).unwrap();
    }
    // What was recorded was cut off in the middle of a line, by whatever.
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}{{\"at\": 17")).unwrap();
    let mut history = History::read(&RealSystem, &file).unwrap();
    assert_eq!(history.strange, 1);
    let now = host.status(&history);
    history
        .record(Record::of(&now).unwrap(), &RealSystem, &file)
        .unwrap();
    let history = History::read(&RealSystem, &file).unwrap();
    assert_eq!(history.strange, 0, "the file was written anew");
    let found = host.status(&history);
    let growth = tank(&found).growth.unwrap();
    assert!(
        growth.bytes_per_day.abs_diff(1 << 20) < 1 << 10,
        "{growth:?}"
    );
    assert_eq!(growth.points, 6);
    let of_volume = found.workloads["shop"].volumes["shop/pgdata"]
        .growth
        .unwrap();
    assert!(
        of_volume.bytes_per_day.abs_diff(1 << 20) < 1 << 10,
        "{of_volume:?}"
    );
    let full = tank(&found).until_full.unwrap();
    let available = tank(&found).space.get().unwrap().available_bytes;
    assert!(full.days.abs_diff(available / MIB) <= 1, "{full:?}");
    assert!(
        RealSystem
            .look(&file)
            .unwrap()
            .is_some_and(|node| node.mode == 0o600)
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_is_not_mounted_as_planned_is_unknown_and_never_0() {
    let host = Host {
        on: DoctorHost::new(),
    };
    host.write("shop/pgdata/table", &noise(1, MIB));
    let mut points: Vec<String> = Vec::new();
    for mount in &host.on.plan.filesystems.values().next().unwrap().mounts {
        points.push(mount.mount_point.to_string());
    }
    points.sort_by_key(|point| std::cmp::Reverse(point.len()));
    for point in &points {
        must("umount", &["--", point]);
    }
    let observed = observe(&host.on.plan, &RealSystem, &Places::default());
    let receipts = host.receipts();
    let history = History::default();
    let records = Records {
        receipts: &receipts,
        ledger: &receipts.join("ledger.json"),
        history: &history,
        simulated: &BTreeMap::new(),
    };
    let found = status(&host.on.plan, &observed, records, &RealSystem);
    let shop = &found.workloads["shop"];
    assert!(shop.sizes.why().is_some(), "{shop:#?}");
    let pgdata = &shop.volumes["shop/pgdata"];
    assert!(pgdata.sizes.why().is_some(), "{pgdata:#?}");
    assert!(found.unknown().iter().any(|line| line.contains("sizes")));
    assert_eq!(Record::of(&found), None, "nothing is recorded of it");
}
