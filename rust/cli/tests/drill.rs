//! `drill` on a real Btrfs, with the real btrbk. Run by `checks/host/run` as root:
//! `cargo test -p podman-btrfs-cli --test drill -- --ignored --test-threads 1`. Engines are drilled by `checks/engines/run drill`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/hostile_tree.rs"]
mod hostile_tree;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use btrfs::{Host, sh};
use common::Run;
use hostile_tree::{fill, list};
use serde_json::Value;

const DECLARATION: &str = r#"{
  "host": {"btrfsProgs": "6.2"},
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "MOUNT"}},
  "policies": {"gold": {"rpo": "1h", "keep": {"hourly": 24}, "targets": ["nas"]}},
  "targets": {"nas": {"url": "TARGET", "keep": {"daily": 3}}},
  "workloads": {"shop": {
    "containers": {"web": {}},
    "protection": {"policy": "gold"},
    "volumes": {
      "files": {"mounts": {"web": "/files"}, "copyOnWrite": true},
      "own": {"mounts": {"web": "/own"}, "limit": "300M", "copyOnWrite": true}
    }
  }}
}"#;

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A host whose workload lies in two subvolumes, with a target for btrbk on the second disk.
struct Shop {
    host: Host,
    plan: PathBuf,
    config: String,
    mount: PathBuf,
    /// What no compression makes smaller, so that it is found on the disk as it is.
    secret: Vec<u8>,
}

impl Shop {
    fn new() -> Self {
        let host = Host::new(2, 600);
        let (mount, target) = (host.path("mnt"), host.disks[1].top.join("backup"));
        fs::create_dir(&target).unwrap();
        let declaration = DECLARATION
            .replace("MOUNT", &text(&mount))
            .replace("TARGET", &text(&target));
        let plan = host.plan("shop", &declaration);
        host.apply(&plan);
        let artefacts = host.path("artefacts");
        let written = host.run(&[
            "plan",
            &text(&host.path("shop.json")),
            "--out",
            &text(&artefacts),
        ]);
        assert_eq!(written.code, 0, "{}", written.shown());
        let device = &host.disks[0].device;
        for (subvolume, point) in [
            ("@volumes", mount.clone()),
            ("@snapshots", mount.join(".snapshots")),
        ] {
            fs::create_dir_all(&point).unwrap();
            let options = format!("subvol={subvolume},noatime");
            sh("mount", &["-o", &options, device, &text(&point)]);
        }
        fill(&mount.join("shop/files"));
        let mut secret = vec![0; 1 << 20];
        fs::File::open("/dev/urandom")
            .unwrap()
            .read_exact(&mut secret)
            .unwrap();
        fs::write(mount.join("shop+own/table"), &secret).unwrap();
        Self {
            config: text(&artefacts.join("btrbk/gold-tank.conf")),
            host,
            plan,
            mount,
            secret,
        }
    }

    fn sent() -> Self {
        let shop = Self::new();
        shop.send();
        shop
    }

    /// A snapshot of the group, as this program names it, and the real btrbk, which sends it.
    fn send(&self) {
        self.take(sh("date", &["-u", "+%Y%m%dT%H%M%S+0000"]).trim());
        sh("btrbk", &["-c", &self.config, "run"]);
    }

    fn drill(&self, more: &[&str]) -> (Run, Value) {
        let words = [&["shop", "--format", "json"], more].concat();
        let run = common::run_with(self.host.on_host("drill", &self.plan, &words), "");
        let value = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
        (run, value)
    }

    /// It is proven, and nothing stays of it.
    fn proven(&self, more: &[&str]) -> Value {
        let (run, value) = self.drill(more);
        assert_eq!(run.code, 0, "{}", run.shown());
        assert_eq!(value["drills"][0]["outcome"], "proven", "{}", run.shown());
        self.nothing_left();
        value
    }

    /// It finds exactly these kinds, and nothing stays of it.
    fn finds(&self, more: &[&str], kinds: &[&str]) -> String {
        let (run, value) = self.drill(more);
        assert_eq!(run.code, 1, "{}", run.shown());
        let findings = value["drills"][0]["findings"].as_array().unwrap();
        let mut found: Vec<&str> = findings
            .iter()
            .map(|one| one["kind"].as_str().unwrap())
            .collect();
        found.dedup();
        assert_eq!(found, kinds, "{}", run.shown());
        self.nothing_left();
        let printed = self.metrics();
        for kind in kinds {
            assert!(printed.contains(&format!("kind=\"{kind}\"")), "{printed}");
        }
        run.stdout
    }

    fn metrics(&self) -> String {
        let (plan, receipts) = (text(&self.plan), text(&self.host.path("receipts")));
        self.host
            .run(&["metrics", &plan, "--receipts", &receipts])
            .stdout
    }

    fn known(&self, source: &str) -> Value {
        let file = fs::read_to_string(self.host.path("receipts/drills.json")).unwrap();
        let all: Value = serde_json::from_str(&file).unwrap();
        all["copies"]["shop"][source].clone()
    }

    fn nothing_left(&self) {
        let printed = sh(
            "btrfs",
            &["subvolume", "list", &text(&self.host.disks[0].top)],
        );
        assert!(!printed.contains(".podman-btrfs-drill"), "{printed}");
        let names = fs::read_dir(self.mount.join(".snapshots")).unwrap();
        for name in names.map(|one| one.unwrap().file_name()) {
            let name = name.to_string_lossy();
            assert!(!name.starts_with(".podman-btrfs-"), "{name}");
        }
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let work = text(&self.host.path("work"));
        assert!(!mounts.contains(&work), "{mounts}");
    }

    /// Turns bits of the table around wherever it lies on a disk.
    fn corrupt(&self, disk: usize) {
        for place in [&self.mount, &self.host.disks[disk].top] {
            sh("btrfs", &["filesystem", "sync", &text(place)]);
        }
        let image = self.host.path(&format!("image{disk}"));
        let file = fs::File::options()
            .read(true)
            .write(true)
            .open(&image)
            .unwrap();
        let begin = &self.secret[..4096];
        let (mut block, mut found) = (vec![0; 4096], 0);
        for at in (0..file.metadata().unwrap().len()).step_by(4096) {
            file.read_exact_at(&mut block, at).unwrap();
            if block == begin {
                file.write_all_at(&[!begin[0]], at).unwrap();
                found += 1;
            }
        }
        assert!(found > 0, "the table is nowhere on disk {disk}");
        file.sync_all().unwrap();
    }

    /// Has the kernel forget what it holds of the copies in memory; to mount anew would not do while another namespace has the mount.
    fn forget(&self) {
        let copies = fs::read_dir(self.host.disks[1].top.join("backup")).unwrap();
        let tables = copies.map(|one| one.unwrap().path().join("table"));
        let mut forgotten = 0;
        for table in tables.filter(|table| table.exists()) {
            let from = format!("if={}", text(&table));
            sh("dd", &[&from, "iflag=nocache", "count=0", "status=none"]);
            forgotten += 1;
        }
        assert!(forgotten > 0);
    }

    fn snapshots(&self) -> Vec<PathBuf> {
        let names = fs::read_dir(self.mount.join(".snapshots")).unwrap();
        let mut all: Vec<PathBuf> = names.map(|one| one.unwrap().path()).collect();
        all.retain(|path| path.is_dir());
        all.sort();
        all
    }

    fn take(&self, stamp: &str) {
        for series in ["shop", "shop+own"] {
            let place = self.mount.join(format!(".snapshots/{series}.{stamp}"));
            let source = self.mount.join(series);
            sh(
                "btrfs",
                &["subvolume", "snapshot", "-r", &text(&source), &text(&place)],
            );
        }
    }

    fn delete_snapshots(&self) {
        for path in self.snapshots() {
            sh("btrfs", &["subvolume", "delete", &text(&path)]);
        }
    }
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_comes_back_from_here_and_from_a_target_is_proven_and_damage_is_found() {
    let shop = Shop::sent();
    let (before, snapshots) = (list(&shop.mount.join("shop/files")), shop.snapshots());
    let (dry, planned) = shop.drill(&["--dry-run"]);
    assert_eq!(
        (dry.code, &planned["drills"][0]["outcome"]),
        (0, &"planned".into())
    );
    assert!(!shop.host.path("receipts/drills.json").exists());

    let value = shop.proven(&[]);
    assert!(
        value["drills"][0]["proofs"]
            .to_string()
            .contains("own: 1 files read, 1048576 bytes"),
        "{value}"
    );
    let value = shop.proven(&["--from", "nas"]);
    for series in ["shop", "shop+own"] {
        let told = format!("{series}: the same as the snapshot here, byte for byte");
        assert!(
            value["drills"][0]["proofs"].to_string().contains(&told),
            "{value}"
        );
    }
    let value = shop.proven(&["--everywhere"]);
    let drills = value["drills"].as_array().unwrap();
    let sources: Vec<&Value> = drills.iter().map(|one| &one["source"]).collect();
    assert_eq!(sources, ["host", "nas"], "{value}");
    assert_eq!(drills[1]["outcome"], "proven", "{value}");
    assert_eq!(list(&shop.mount.join("shop/files")), before);
    assert_eq!(shop.snapshots(), snapshots);
    let proven = shop.known("nas")["proven"].clone();
    let when = &proven["when"];
    let metric = format!(
        "podman_btrfs_last_proven_restore_timestamp_seconds{{workload=\"shop\",source=\"nas\"}} {when}\n"
    );
    let printed = shop.metrics();
    assert!(printed.contains(&metric), "{printed}");
    assert!(!printed.contains("podman_btrfs_drill_failed"), "{printed}");

    // At the target alone: this host's own is proven all the same. What was just received there is still in memory.
    shop.corrupt(1);
    shop.forget();
    shop.finds(&["--from", "nas"], &["damaged"]);
    shop.proven(&[]);
    assert_eq!(shop.known("nas")["proven"], proven);
    assert_eq!(shop.known("nas")["tried"]["outcome"], "failed");

    shop.corrupt(0);
    let told = shop.finds(&[], &["damaged"]);
    assert!(told.contains("table: Input/output error"), "{told}");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_is_too_old_or_nowhere_or_without_a_parent_is_told_apart() {
    let shop = Shop::new();
    shop.finds(&[], &["no-copy"]);
    shop.take("20200101T000000+0000");
    shop.finds(&[], &["too-old"]);
    shop.delete_snapshots();
    shop.send();
    // One of the group is gone.
    let one = shop
        .snapshots()
        .into_iter()
        .find(|path| text(path).contains("shop+own."))
        .unwrap();
    sh("btrfs", &["subvolume", "delete", &text(&one)]);
    shop.finds(&[], &["incomplete"]);
    // Nothing here is what the copies there were made of.
    shop.delete_snapshots();
    shop.take("20300101T000000+0000");
    shop.finds(&["--from", "nas"], &["chain-broken"]);
    // What was in the volume is not in its snapshot.
    shop.delete_snapshots();
    let table = shop.mount.join("shop+own/table");
    fs::remove_file(&table).unwrap();
    shop.take("20300101T000000+0000");
    fs::write(&table, &shop.secret).unwrap();
    shop.finds(&[], &["empty"]);
    // Something else is where the target's directory was.
    let backup = shop.host.disks[1].top.join("backup");
    fs::rename(&backup, backup.with_file_name("elsewhere")).unwrap();
    fs::write(&backup, "").unwrap();
    shop.finds(&["--from", "nas"], &["unreadable"]);
    // The disk of the target is away.
    sh("umount", &[&text(&shop.host.disks[1].top)]);
    shop.finds(&["--from", "nas"], &["absent"]);

    let (run, _) = shop.drill(&["other"]);
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(
        run.stdout.contains("the plan has no workload `other`"),
        "{}",
        run.shown()
    );
    let (run, _) = shop.drill(&["--from", "moon"]);
    assert!(
        run.stdout.contains("sends no snapshots of shop to `moon`"),
        "{}",
        run.shown()
    );
    fs::write(shop.host.path("receipts/drills.json"), "{").unwrap();
    let (run, _) = shop.drill(&[]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(run.stderr.contains("move it away"), "{}", run.shown());
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_a_killed_drill_leaves_is_gone_after_the_next() {
    let shop = Shop::sent();
    let runs: u64 = std::env::var("DRILL_KILLS").map_or(5, |runs| runs.parse().unwrap());
    let mut left = 0;
    for run in 0..runs {
        let mut command = shop
            .host
            .on_host("drill", &shop.plan, &["shop", "--from", "nas"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.unwrap();
        // From what it says on, wherever it is then.
        let mut first = [0; 1];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut first)
            .unwrap();
        std::thread::sleep(Duration::from_millis(run * 400 / runs));
        child.kill().unwrap();
        child.wait().unwrap();
        let names = fs::read_dir(shop.mount.join(".snapshots")).unwrap();
        let ours = names.map(|one| text(&one.unwrap().path()));
        left += ours
            .filter(|one| one.contains(".podman-btrfs-drill-"))
            .count();
    }
    // Otherwise none was killed in the middle.
    assert!(left > 0);
    let name = |end: &str| {
        shop.mount
            .join(format!(".snapshots/.podman-btrfs-drill-{end}"))
    };
    let ours = name(&format!("{}-shop", "0123456789abcdef".repeat(2)));
    let foreign = name("of-somebody-else");
    for place in [&ours, &foreign] {
        sh("btrfs", &["subvolume", "create", &text(place)]);
    }
    let mut command = shop.host.on_host("drill", &shop.plan, &["--clear"]);
    command.arg("--format=json");
    let cleared = common::run_with(command, "");
    assert_eq!(cleared.code, 0, "{}", cleared.shown());
    assert!(
        cleared.stdout.contains("-shop of a drill"),
        "{}",
        cleared.shown()
    );
    assert!(!ours.exists() && foreign.exists());
    sh("btrfs", &["subvolume", "delete", &text(&foreign)]);
    shop.nothing_left();
    shop.proven(&["--from", "nas"]);
}
