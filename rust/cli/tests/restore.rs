//! `restore` and `undo` on a real Btrfs. Run by `checks/host/run` as root:
//! `cargo test -p podman-btrfs-cli --test restore -- --ignored --test-threads 1`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/hostile_tree.rs"]
mod hostile_tree;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use btrfs::{Host, sh};
use common::Run;
use hostile_tree::{fill, list};
use podman_btrfs_host::system::{NodeKind, RealSystem, System as _};

/// A workload whose volumes are directories of one subvolume; nothing is sent anywhere, so snapper takes it.
const ONE: &str = r#"{
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "/srv/podman-btrfs-test"}},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}}},
  "workloads": {"shop": {
    "containers": {"web": {}, "sql": {}, "unprotected": {}},
    "protection": {"policy": "hourly"},
    "volumes": {
      "files": {"mounts": {"web": "/files"}, "copyOnWrite": true},
      "data": {"mounts": {"sql": "/data"}, "copyOnWrite": false},
      "cache": {"mounts": {"unprotected": "/cache"}, "snapshot": false}
    }
  }}
}"#;

/// A workload over two subvolumes, and sent to the second disk, so btrbk takes it.
const TWO: &str = r#"{
  "host": {"btrfsProgs": "6.2"},
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "MOUNT"}},
  "policies": {"gold": {"rpo": "1h", "keep": {"hourly": 24}, "targets": ["nas"]}},
  "targets": {"nas": {"url": "TARGET", "keep": {"daily": 3}}},
  "workloads": {"shop": {
    "containers": {"web": {}, "sql": {}},
    "protection": {"policy": "gold", "consistency": "none"},
    "volumes": {
      "files": {"mounts": {"web": "/files"}, "copyOnWrite": true, "compression": "zstd"},
      "data": {"mounts": {"sql": "/data"}, "copyOnWrite": false},
      "own": {"mounts": {"web": "/own"}, "limit": "300M", "copyOnWrite": OWNCOW}
    }
  }}
}"#;

fn ok(run: &Run) {
    assert_eq!(run.code, 0, "{}", run.shown());
}

fn refused(run: &Run, because: &str) {
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains(because), "{because}: {}", run.shown());
}

fn kind(path: &Path) -> Option<NodeKind> {
    RealSystem.look(path).unwrap().map(|node| node.kind)
}

type Tree = BTreeMap<PathBuf, String>;

/// A host whose workload has one subvolume, with something in each volume, and a snapshot as snapper makes it.
struct One {
    host: Host,
    plan: PathBuf,
    live: PathBuf,
    /// What the snapshot shows.
    before: Tree,
}

impl One {
    fn new() -> Self {
        let host = Host::new(1, 900);
        let plan = host.plan("one", ONE);
        host.apply(&plan);
        let live = host.disks[0].top.join("@volumes/shop");
        fill(&live.join("files"));
        fs::write(live.join("data/table"), vec![7_u8; 3 << 20]).unwrap();
        let one = Self {
            before: list(&live.join("files")),
            host,
            plan,
            live,
        };
        one.snapper(1, "2026-11-27 07:00:00");
        one.written();
        for unit in ["podman-web.service", "podman-sql.service"] {
            one.host.unit(unit, "active");
        }
        one
    }

    fn snapper(&self, number: u32, date: &str) {
        let directory = self.live.join(format!(".snapshots/{number}"));
        fs::create_dir(&directory).unwrap();
        sh(
            "btrfs",
            &[
                "subvolume",
                "snapshot",
                "-r",
                &text(&self.live),
                &text(&directory.join("snapshot")),
            ],
        );
        fs::write(
            directory.join("info.xml"),
            format!("<snapshot><num>{number}</num><date>{date}</date></snapshot>"),
        )
        .unwrap();
    }

    /// From now on nothing runs that would be waited for.
    fn nothing_runs(&self) {
        for unit in ["podman-web.service", "podman-sql.service"] {
            self.host.unit(unit, "inactive");
        }
    }

    /// What was written since the snapshot.
    fn written(&self) {
        fs::write(self.live.join("files/data"), "another").unwrap();
        fs::remove_file(self.live.join("files/deep/er/file7")).unwrap();
        fs::write(self.live.join("data/table"), vec![8_u8; 1 << 20]).unwrap();
    }

    fn run(&self, command: &str, more: &[&str]) -> Run {
        let words = [&["shop"], more].concat();
        common::run_with(self.host.ending(command, &self.plan, &words), "")
    }

    fn files(&self) -> Tree {
        list(&self.live.join("files"))
    }

    fn states(&self) -> [String; 2] {
        ["podman-web.service", "podman-sql.service"].map(|unit| self.host.state(unit))
    }

    /// Nothing of a restore is left.
    fn nothing_left(&self) {
        let journals = self.host.path("receipts/restores");
        let left: Vec<_> = fs::read_dir(&journals)
            .map(|all| all.flatten().map(|one| one.path()).collect())
            .unwrap_or_default();
        assert!(left.is_empty(), "{left:?}");
        let printed = sh(
            "btrfs",
            &["subvolume", "list", &text(&self.host.disks[0].top)],
        );
        assert!(!printed.contains(".podman-btrfs-"), "{printed}");
        for entry in fs::read_dir(&self.live).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(
                !name.to_string_lossy().starts_with(".podman-btrfs-"),
                "{}",
                name.display()
            );
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The table is nodatacow, and so is a new file beside it.
fn is_nodatacow(directory: &Path) {
    let printed = sh(
        "lsattr",
        &["-d", &text(directory), &text(&directory.join("table"))],
    );
    for line in printed.lines() {
        assert!(line.split(' ').next().unwrap().contains('C'), "{printed}");
    }
    assert!(RealSystem.probe(directory).unwrap().nodatacow);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_group_is_restored_and_undone_and_restored_again_with_all_that_its_files_have() {
    let one = One::new();
    let (after, ledger) = (
        one.files(),
        fs::read_to_string(one.host.path("receipts/ledger.json")).unwrap(),
    );
    let listed = one.run("restore", &["--list"]);
    ok(&listed);
    assert_eq!(
        listed.stdout,
        "2026-11-27 07:00:00 UTC  snapper-1  shop: snapper; one moment, crash\n"
    );
    let dry = one.run("restore", &["--dry-run"]);
    ok(&dry);
    for part in [
        "restore shop to 2026-11-27 07:00:00 UTC (snapper-1, taken by snapper; one moment; consistency: crash)",
        "@volumes/shop becomes what @volumes/shop/.snapshots/1/snapshot holds",
        "no longer in use afterwards: what was written in the last ",
        "stopped and started again: podman-sql.service, podman-web.service",
        "the next snapshot of shop by snapper shows this",
    ] {
        assert!(dry.stdout.contains(part), "{part}: {}", dry.shown());
    }
    assert_eq!(one.files(), after, "it was only looked");
    assert!(one.host.calls().is_empty());

    let run = one.run("restore", &[]);
    ok(&run);
    assert_eq!(one.files(), one.before, "{}", run.shown());
    assert_eq!(
        fs::read(one.live.join("data/table")).unwrap(),
        vec![7_u8; 3 << 20]
    );
    is_nodatacow(&one.live.join("data"));
    assert_eq!(
        one.host.calls(),
        [
            "stop podman-sql.service podman-web.service",
            "start podman-sql.service podman-web.service"
        ]
    );
    assert_eq!(
        kind(&one.live.join(".snapshots/1/snapshot")),
        Some(NodeKind::Subvolume),
        "snapper's go along"
    );
    assert_eq!(
        fs::read_to_string(one.host.path("receipts/ledger.json")).unwrap(),
        ledger
    );
    one.host.apply(&one.plan);

    one.nothing_runs();
    for (files, told) in [
        (&after, "take back the restore of shop"),
        (&one.before, "take back the undo"),
        (&after, "take back the restore"),
    ] {
        let undone = one.run("undo", &[]);
        ok(&undone);
        assert!(undone.stdout.contains(told), "{}", undone.shown());
        assert_eq!(&one.files(), files);
        assert_eq!(
            kind(&one.live.join(".snapshots/1/snapshot")),
            Some(NodeKind::Subvolume)
        );
    }
    // What is kept is a point by its name, and not taken for the newest.
    let listed = one.run("restore", &["--list"]);
    let undo = listed.stdout.lines().find_map(|line| {
        line.split_whitespace()
            .find(|word| word.starts_with("undo-"))
    });
    ok(&one.run("restore", &["--snapshot", undo.unwrap()]));
    assert_eq!(one.files(), one.before);

    refused(
        &one.run("restore", &["--forget-undo"]),
        "is kept for 7 more days",
    );
    ok(&one.run("undo", &["--keep-undo", "0"]));
    ok(&one.run("restore", &["--snapshot", "snapper-1", "--keep-undo", "0"]));
    ok(&one.run("restore", &["--forget-undo"]));
    assert_eq!(one.files(), one.before);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn one_volume_of_a_group_is_made_anew_and_shares_its_blocks_and_the_others_stay() {
    let one = One::new();
    let after = one.files();
    let inode = |path: &str| {
        std::os::unix::fs::MetadataExt::ino(&fs::metadata(one.live.join(path)).unwrap())
    };
    let other = inode("files/data");
    let dry = one.run("restore", &["--volume", "data", "--dry-run"]);
    assert!(dry.stdout.contains("shop/data is made anew from it, sharing its blocks: the time grows with the number of files and of their extents"), "{}", dry.shown());
    let run = one.run("restore", &["--volume", "data"]);
    ok(&run);
    assert_eq!(
        fs::read(one.live.join("data/table")).unwrap(),
        vec![7_u8; 3 << 20]
    );
    is_nodatacow(&one.live.join("data"));
    assert_eq!((one.files(), inode("files/data")), (after.clone(), other));
    assert_eq!(one.host.calls()[0], "stop podman-sql.service");
    let usage = sh(
        "btrfs",
        &[
            "filesystem",
            "du",
            "--raw",
            "-s",
            &text(&one.live.join("data")),
        ],
    );
    let exclusive: u64 = usage
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(exclusive, 0, "{usage}");

    ok(&one.run("restore", &["--volume", "files"]));
    assert_eq!(one.files(), one.before, "with all that its files have");
    ok(&one.run("undo", &[]));
    assert_eq!(one.files(), after);
    refused(
        &one.run("restore", &["--volume", "nothing", "--volume", "files"]),
        "shop has no volume `nothing`; it has cache, data, files",
    );
    refused(
        &one.run("restore", &["--volume", "cache"]),
        "there is no snapshot of shop",
    );
    refused(
        &one.run("restore", &["--at", "2026-11-27 06:00"]),
        "no snapshot of shop is as old as 2026-11-27 06:00",
    );
    refused(
        &one.run("restore", &["--at", "yesterday"]),
        "`yesterday` is not a time",
    );
    refused(
        &one.run("restore", &["--from", "nas"]),
        "sends no snapshots of shop to `nas`",
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_unit_that_does_not_come_up_brings_the_old_data_back() {
    let one = One::new();
    let after = one.files();
    for more in [&[][..], &["--volume", "files"]] {
        one.host.unit("podman-web.service.broken", "1");
        let run = one.run("restore", more);
        refused(
            &run,
            "what was stopped does not come up on what was restored: Job for podman-web.service failed.; all is as it was, and what was stopped runs again",
        );
        assert_eq!(one.files(), after);
        assert_eq!(one.states(), ["active", "active"]);
        assert_eq!(
            kind(&one.live.join(".snapshots/1/snapshot")),
            Some(NodeKind::Subvolume)
        );
        one.nothing_left();
    }
    ok(&one.run("restore", &[]));
    one.host.unit("podman-web.service.broken", "1");
    refused(&one.run("undo", &[]), "all is as it was");
    assert_eq!(one.files(), one.before, "an undo goes back too");
    ok(&one.run("undo", &[]));
    assert_eq!(one.files(), after);
}

/// As Podman 4.3.1 and 5.4 print it; `null` is what Podman 5 prints of a container without a check.
const HEALTH: &str = r#"#!/bin/sh
here="$(dirname "$0")/.."
[ "$2" = exists ] && { [ "$3" = web ]; exit; }
cat "$here/health"
[ -e "$here/health.next" ] && mv "$here/health.next" "$here/health"
exit 0
"#;

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_container_that_does_not_find_itself_healthy_brings_the_old_data_back() {
    let one = One::new();
    let after = one.files();
    one.host.program("podman", HEALTH);
    let says = |name: &str, status: &str| {
        let text = format!("{{\"Status\":\"{status}\",\"FailingStreak\":0,\"Log\":null}}\n");
        fs::write(one.host.path(name), text).unwrap();
    };
    says("health", "starting");
    says("health.next", "unhealthy");
    refused(
        &one.run("restore", &[]),
        "web is unhealthy after 1 s, by its own check of its health; all is as it was",
    );
    says("health", "starting");
    refused(
        &one.run("restore", &["--wait", "2"]),
        "web is starting after 2 s",
    );
    assert_eq!(one.files(), after);
    assert_eq!(one.states(), ["active", "active"]);
    one.nothing_left();

    fs::write(one.host.path("health"), "null\n").unwrap();
    ok(&one.run("restore", &[]));
    says("health", "starting");
    says("health.next", "healthy");
    ok(&one.run("undo", &[]));
    assert_eq!(one.files(), after);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_is_in_use_or_strange_is_refused_and_nothing_is_changed() {
    let one = One::new();
    let after = one.files();
    let open = fs::File::open(one.live.join("files/text")).unwrap();
    refused(&one.run("restore", &[]), "has `files/text` open");
    drop(open);
    assert_eq!(
        (one.files(), one.states()),
        (after.clone(), ["active".to_owned(), "active".to_owned()])
    );
    one.nothing_left();

    let inside = text(&one.live.join("files/inside"));
    sh("btrfs", &["subvolume", "create", &inside]);
    refused(
        &one.run("restore", &[]),
        "subvolumes lie in @volumes/shop, which no snapshot of it shows: files/inside",
    );
    refused(
        &one.run("restore", &["--volume", "files"]),
        "lies in it, which no snapshot shows",
    );
    sh("btrfs", &["subvolume", "delete", &inside]);

    let marker = RealSystem.marker(&one.live.join("files")).unwrap().unwrap();
    let strange = format!("1 {} other/files", "0".repeat(32));
    RealSystem
        .set_marker(&one.live.join("files"), &strange)
        .unwrap();
    one.snapper(2, "2026-11-27 08:00:00");
    RealSystem
        .set_marker(&one.live.join("files"), &marker)
        .unwrap();
    refused(
        &one.run("restore", &[]),
        "the snapshot says of what would become shop/files that it is other/files",
    );

    let below = |one: &One| {
        let mut tree = one.files();
        tree.remove(Path::new(""));
        tree
    };
    let before = below(&one);
    fs::rename(one.live.join("files"), one.live.join("elsewhere")).unwrap();
    one.snapper(3, "2026-11-27 09:00:00");
    fs::rename(one.live.join("elsewhere"), one.live.join("files")).unwrap();
    refused(
        &one.run("restore", &[]),
        "snapper-3 does not hold files, which was not in its place then; name the others with `--volume`",
    );
    assert_eq!(below(&one), before);
    one.nothing_left();

    // The subvolume itself is gone: it comes back from the last snapshots that are left, and there is nothing to go back to.
    let kept = text(&one.host.disks[0].top.join("@snapshots"));
    fs::create_dir_all(&kept).unwrap();
    sh(
        "btrfs",
        &[
            "subvolume",
            "snapshot",
            "-r",
            &text(&one.live.join(".snapshots/1/snapshot")),
            &format!("{kept}/shop.20261127T070000+0000"),
        ],
    );
    fs::rename(&one.live, one.live.with_file_name("gone")).unwrap();
    ok(&one.run("restore", &[]));
    assert_eq!(one.files(), one.before);
    refused(
        &one.run("undo", &[]),
        "before the restore nothing lay in @volumes/shop",
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn single_files_come_back_and_what_is_there_is_kept_and_no_way_leads_out() {
    let one = One::new();
    let files = |more: &[&str]| {
        one.run(
            "restore",
            &[&["--volume", "files", "--files"], more].concat(),
        )
    };
    ok(&files(&["data", "deep/er"]));
    let now = one.files();
    let at = |path: &str| PathBuf::from(path);
    for path in ["data", "deep/er", "deep/er/file7", "deep/er/est"] {
        assert_eq!(now.get(&at(path)), one.before.get(&at(path)), "{path}");
    }
    let kept: Vec<_> = now
        .keys()
        .filter(|path| path.to_string_lossy().contains("data.before-restore-"))
        .collect();
    assert_eq!(
        fs::read_to_string(one.live.join("files").join(kept[0])).unwrap(),
        "another"
    );
    assert_eq!(one.host.calls(), Vec::<String>::new(), "nothing is stopped");

    let out = one.host.path("out");
    fs::create_dir(&out).unwrap();
    ok(&files(&[
        "text",
        "link out",
        "pipe",
        "deep",
        "--to",
        &text(&out),
    ]));
    assert_eq!(
        fs::read_link(out.join("link out")).unwrap(),
        at("/etc/passwd")
    );
    assert_eq!(
        list(&out)[&at("deep/er/file9")],
        one.before[&at("deep/er/file9")]
    );
    ok(&files(&["text", "--to", &text(&out)]));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 5, "the first is kept");

    let wrong = files(&[
        "../data/table",
        "/etc/passwd",
        "link in/er/file9",
        "no/such",
        "text/",
    ]);
    for part in [
        "`../data/table` is no path inside the volume",
        "`/etc/passwd` is no path inside the volume",
        "`link in/er/file9`: ",
        "`no/such` is not in the snapshot",
        "`text/` is no path inside the volume",
    ] {
        refused(&wrong, part);
    }
    // The directory became a link to somewhere else since.
    fs::rename(one.live.join("files/deep"), one.live.join("files/was deep")).unwrap();
    symlink(&out, one.live.join("files/deep")).unwrap();
    refused(
        &files(&["deep/er/file9"]),
        "the directory that it was in is not there any more",
    );
    ok(&one.run("restore", &["--volume", "data", "--files", "table"]));
    is_nodatacow(&one.live.join("data"));
    assert_eq!(
        fs::read(one.live.join("data/table")).unwrap(),
        vec![7_u8; 3 << 20]
    );
    refused(
        &one.run("restore", &["--files", "text"]),
        "name it with `--volume`",
    );
    one.host.apply(&one.plan);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn beside_the_live_one_under_a_free_name() {
    let one = One::new();
    let after = one.files();
    let run = one.run("restore", &["--as", "shop-yesterday"]);
    ok(&run);
    assert!(
        run.stdout
            .contains("`btrfs subvolume delete /srv/podman-btrfs-test/shop-yesterday` ends it"),
        "{}",
        run.shown()
    );
    let beside = one.live.with_file_name("shop-yesterday");
    assert_eq!(list(&beside.join("files")), one.before);
    fs::write(beside.join("files/new"), "can be written").unwrap();
    assert_eq!(one.files(), after);
    let marker = |path: &Path| RealSystem.marker(&path.join("files")).unwrap().unwrap();
    assert!(
        marker(&beside).ends_with(" shop-yesterday/files"),
        "{}",
        marker(&beside)
    );
    assert_ne!(
        marker(&beside)[..34],
        marker(&one.live)[..34],
        "it is not the volume in use"
    );
    refused(
        &one.run("restore", &["--as", "shop-yesterday"]),
        "is there already; choose another name",
    );
    refused(
        &one.run("restore", &["--as", "shop"]),
        "@volumes/shop is planned; choose another name",
    );
    assert_eq!(one.run("restore", &["--as", "../x"]).code, 2);
    one.host.apply(&one.plan);
    sh("btrfs", &["subvolume", "delete", &text(&beside)]);
    one.nothing_left();
}

/// A host whose workload lies in two subvolumes, mounted as planned, with a target for btrbk on the second disk.
struct Two {
    host: Host,
    plan: PathBuf,
    config: String,
    mount: PathBuf,
}

impl Two {
    fn new(own_copy_on_write: bool) -> Self {
        let host = Host::new(2, 900);
        let (mount, target) = (host.path("mnt"), host.disks[1].top.join("backup"));
        fs::create_dir(&mount).unwrap();
        fs::create_dir(&target).unwrap();
        let declaration = TWO
            .replace("MOUNT", &text(&mount))
            .replace("TARGET", &text(&target))
            .replace("OWNCOW", &own_copy_on_write.to_string());
        let plan = host.plan("two", &declaration);
        host.apply(&plan);
        let artefacts = host.path("artefacts");
        ok(&host.run(&[
            "plan",
            &text(&host.path("two.json")),
            "--out",
            &text(&artefacts),
        ]));
        let device = &host.disks[0].device;
        for (subvolume, point) in [
            ("@volumes", mount.clone()),
            ("@snapshots", mount.join(".snapshots")),
        ] {
            fs::create_dir_all(&point).unwrap();
            sh(
                "mount",
                &[
                    "-o",
                    &format!("subvol={subvolume},noatime"),
                    device,
                    &text(&point),
                ],
            );
        }
        let two = Self {
            config: text(&artefacts.join("btrbk/gold-tank.conf")),
            host,
            plan,
            mount,
        };
        fill(&two.mount.join("shop/files"));
        for place in ["shop/data", "shop+own"] {
            fs::write(two.mount.join(place).join("table"), vec![7_u8; 2 << 20]).unwrap();
        }
        two
    }

    /// The real btrbk; what it did, one line each.
    fn btrbk(&self) -> String {
        // Names have seconds.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        sh("btrbk", &["-c", &self.config, "run"])
    }

    fn run(&self, command: &str, more: &[&str]) -> Run {
        let words = [&["shop"], more].concat();
        common::run_with(self.host.ending(command, &self.plan, &words), "")
    }

    fn trees(&self) -> [Tree; 3] {
        ["shop/files", "shop/data", "shop+own"].map(|place| list(&self.mount.join(place)))
    }

    fn written(&self, byte: u8) {
        fs::write(self.mount.join("shop/files/data"), [byte; 9]).unwrap();
        for place in ["shop/data", "shop+own"] {
            fs::write(self.mount.join(place).join("table"), vec![byte; 1 << 20]).unwrap();
        }
    }

    fn snapshots(of: &Path) -> Vec<String> {
        let names = fs::read_dir(of)
            .unwrap()
            .map(|one| one.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }

    /// The attributes that are planned: on what is there, and on what is made there.
    fn is_as_planned(&self) {
        let probe = |place: &str| RealSystem.probe(&self.mount.join(place)).unwrap();
        assert_eq!(probe("shop/files").compression.as_deref(), Some("zstd"));
        assert_eq!(
            probe("shop/files/deep/er").compression.as_deref(),
            Some("zstd")
        );
        assert!(!probe("shop/files").nodatacow);
        is_nodatacow(&self.mount.join("shop/data"));
        // Simple quotas are not switched on where the kernel is too old for them.
        let checked = self.host.run(&["verify", &text(&self.plan)]);
        ok(&checked);
    }
}

/// Every subvolume was sent, and as an increment.
fn is_incremental(btrbk: &str) {
    let sent: Vec<&str> = btrbk
        .lines()
        .filter(|line| line.starts_with(">>>") || line.starts_with("***"))
        .collect();
    assert_eq!(sent.len(), 2, "{btrbk}");
    assert!(sent.iter().all(|line| line.starts_with(">>>")), "{btrbk}");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_group_over_two_subvolumes_goes_back_as_one_and_the_real_btrbk_goes_on_with_increments() {
    let two = Two::new(true);
    two.btrbk();
    let first = two.trees();
    two.written(8);
    is_incremental(&two.btrbk());
    two.written(9);
    let last = two.trees();
    let stamp = |index: usize| {
        let names = Two::snapshots(&two.mount.join(".snapshots"));
        names
            .iter()
            .filter_map(|name| name.strip_prefix("shop."))
            .nth(index)
            .unwrap()
            .to_owned()
    };
    let run = two.run("restore", &["--snapshot", &stamp(0)]);
    ok(&run);
    assert!(run.stdout.contains("not one moment"), "{}", run.shown());
    assert_eq!(two.trees(), first);
    two.is_as_planned();
    is_incremental(&two.btrbk());
    let target = two.host.disks[1].top.join("backup");
    let sent = Two::snapshots(&target);
    let newest = sent.iter().rfind(|name| name.starts_with("shop.")).unwrap();
    assert_eq!(list(&target.join(newest).join("files")), first[0]);
    ok(&two.run("undo", &[]));
    assert_eq!(two.trees(), last);
    is_incremental(&two.btrbk());

    // A member of a point is missing.
    let snapshots = two.mount.join(".snapshots");
    sh(
        "btrfs",
        &[
            "subvolume",
            "delete",
            &text(&snapshots.join(format!("shop+own.{}", stamp(0)))),
        ],
    );
    refused(
        &two.run("restore", &["--snapshot", &stamp(0)]),
        "does not hold all of it: own is missing; data, files can be restored with `--volume`",
    );
    ok(&two.run(
        "restore",
        &[
            "--snapshot",
            &stamp(0),
            "--volume",
            "files",
            "--volume",
            "data",
        ],
    ));
    assert_eq!(two.trees()[..2], first[..2]);
    assert_eq!(two.trees()[2], last[2]);
    ok(&two.run("undo", &[]));
    assert_eq!(two.trees(), last);
    ok(&two.run("restore", &["--snapshot", &stamp(1), "--volume", "own"]));
    assert_eq!(two.trees()[..2], last[..2]);
    assert_eq!(
        fs::read(two.mount.join("shop+own/table")).unwrap(),
        vec![8_u8; 1 << 20]
    );
    is_incremental(&two.btrbk());
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_comes_back_from_a_target_gets_what_sending_loses_and_the_chain_goes_on() {
    for own_copy_on_write in [true, false] {
        let two = Two::new(own_copy_on_write);
        two.btrbk();
        let first = two.trees();
        two.written(8);
        two.btrbk();
        two.written(9);
        let listed = two.run("restore", &["--list", "--from", "nas"]);
        ok(&listed);
        let oldest = listed
            .stdout
            .lines()
            .last()
            .unwrap()
            .split_whitespace()
            .nth(3)
            .unwrap()
            .to_owned();
        // The first is gone from the host, the second is there: the difference to it is received.
        let snapshots = two.mount.join(".snapshots");
        for series in ["shop", "shop+own"] {
            sh(
                "btrfs",
                &[
                    "subvolume",
                    "delete",
                    &text(&snapshots.join(format!("{series}.{oldest}"))),
                ],
            );
        }
        let asked = ["--from", "nas", "--snapshot", &*oldest];
        ok(&two.run("restore", &[&asked[..], &["--dry-run"]].concat()));
        let run = two.run("restore", &asked);
        ok(&run);
        assert!(
            run.stdout.contains("as its difference to shop."),
            "{}",
            run.shown()
        );
        assert!(
            run.stdout
                .contains("copying shop/data, since the snapshot does not have the attributes"),
            "{}",
            run.shown()
        );
        assert_eq!(two.trees(), first);
        two.is_as_planned();
        if !own_copy_on_write {
            is_nodatacow(&two.mount.join("shop+own"));
        }
        is_incremental(&two.btrbk());

        // None is left on the host.
        for name in Two::snapshots(&snapshots) {
            sh(
                "btrfs",
                &["subvolume", "delete", &text(&snapshots.join(name))],
            );
        }
        two.written(5);
        let run = two.run("restore", &asked);
        ok(&run);
        assert!(
            run.stdout
                .contains("all of it: no snapshot is on both sides"),
            "{}",
            run.shown()
        );
        assert_eq!(two.trees(), first);
        two.is_as_planned();
        is_incremental(&two.btrbk());
        assert_eq!(kind(&snapshots.join(".podman-btrfs-receiving")), None);
    }
}
