//! `restore` and `undo` ended by SIGKILL, before and after programs that they run, on a real Btrfs. The same command then completes it,
//! whatever was begun: both subvolumes of the group are of one moment, and nothing is left beside them.
//!
//! Run by `checks/host/run` as root; `PODMAN_BTRFS_KILLS` says how often (default 16; `all`: at each program), `PODMAN_BTRFS_SEED`
//! repeats a run: `cargo test -p podman-btrfs-cli --test restore_killed -- --ignored --nocapture`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/kill.rs"]
mod kill;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use btrfs::{Host, sh};
use kill::{Dice, arm, disarm, number, wants_all};
use podman_btrfs_host::system::{NodeKind, RealSystem, System as _};

/// A group over two subvolumes, in one of which a volume is nodatacow; and a volume in it that is restored alone.
const SHOP: &str = r#"{
  "host": {"btrfsProgs": "6.2"},
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "/srv/podman-btrfs-test"}},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}}},
  "workloads": {"shop": {
    "containers": {"web": {}, "sql": {}},
    "protection": {"policy": "hourly", "consistency": "none"},
    "volumes": {
      "files": {"mounts": {"web": "/files"}, "copyOnWrite": true},
      "data": {"mounts": {"sql": "/data"}, "copyOnWrite": false},
      "own": {"mounts": {"web": "/own"}, "limit": "300M", "copyOnWrite": true}
    }
  }}
}"#;

const PROGRAMS: [&str; 7] = [
    "btrfs",
    "findmnt",
    "mount",
    "cp",
    "setpriv",
    "systemctl",
    "umount",
];
const UNITS: [&str; 2] = ["podman-sql.service", "podman-web.service"];
const STAMP: &str = "20261127T070000+0000";
const PLACES: [&str; 3] = ["shop/files", "shop/data", "shop+own"];

struct Shop {
    host: Host,
    plan: PathBuf,
    volumes: PathBuf,
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Shop {
    fn new() -> Self {
        let host = Host::new(1, 600);
        let plan = host.plan("shop", SHOP);
        host.apply(&plan);
        let volumes = host.disks[0].top.join("@volumes");
        let shop = Self {
            host,
            plan,
            volumes,
        };
        shop.write("old");
        let snapshots = shop.host.disks[0].top.join("@snapshots");
        fs::create_dir_all(&snapshots).unwrap();
        for series in ["shop", "shop+own"] {
            let place = snapshots.join(format!("{series}.{STAMP}"));
            sh(
                "btrfs",
                &[
                    "subvolume",
                    "snapshot",
                    "-r",
                    &text(&shop.volumes.join(series)),
                    &text(&place),
                ],
            );
        }
        arm(&shop.host, &PROGRAMS);
        shop
    }

    fn write(&self, what: &str) {
        for place in PLACES {
            fs::write(self.volumes.join(place).join("table"), what).unwrap();
        }
    }

    fn run_up(&self) {
        for unit in UNITS {
            // What was about to come up before is not waited for afterwards.
            self.host.unit(unit, "activating");
        }
    }

    /// What each place holds.
    fn holds(&self) -> [String; 3] {
        PLACES.map(|place| fs::read_to_string(self.volumes.join(place).join("table")).unwrap())
    }

    /// Begins the command, and ends it before or after one of its programs; whether it was ended.
    fn killed(&self, command: &str, more: &[&str], at: u64, when: &str) -> bool {
        disarm(&self.host);
        fs::write(self.host.path("kill"), format!("{at} {when}\n")).unwrap();
        let mut command = self.command(command, more);
        let status = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        disarm(&self.host);
        !status.success()
    }

    fn command(&self, command: &str, more: &[&str]) -> std::process::Command {
        self.host
            .ending(command, &self.plan, &[&["shop"], more].concat())
    }

    fn complete(&self, command: &str, more: &[&str], told: &str) {
        let run = common::run_with(self.command(command, more), "");
        assert_eq!(run.code, 0, "{told}: {}", run.shown());
    }

    /// All is of one moment, the units run, snapper's place is there, and the table is what is planned for it.
    fn is_whole(&self, expected: [&str; 3], told: &str) {
        assert_eq!(self.holds(), expected, "{told}");
        for unit in UNITS {
            let state = self.host.state(unit);
            assert!(
                matches!(&*state, "active" | "activating"),
                "{told}: {unit} is {state}"
            );
        }
        let kind = RealSystem
            .look(&self.volumes.join("shop/.snapshots"))
            .unwrap()
            .map(|node| node.kind);
        assert_eq!(kind, Some(NodeKind::Subvolume), "{told}");
        assert!(
            RealSystem
                .is_nodatacow(&self.volumes.join("shop/data/table"))
                .unwrap(),
            "{told}"
        );
    }

    /// What was replaced goes, and nothing of any restore is left, no mount either.
    fn forget(&self, told: &str) {
        self.complete("restore", &["--forget-undo"], told);
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        assert!(
            !mounts.contains(&text(&self.host.path("work"))),
            "{told}: {mounts}"
        );
        let printed = sh(
            "btrfs",
            &["subvolume", "list", &text(&self.host.disks[0].top)],
        );
        assert!(!printed.contains(".podman-btrfs-"), "{told}: {printed}");
        for directory in ["", "shop"] {
            for entry in fs::read_dir(self.volumes.join(directory)).unwrap() {
                let name = entry.unwrap().file_name();
                assert!(
                    !name.to_string_lossy().starts_with(".podman-btrfs-"),
                    "{told}: {}",
                    name.display()
                );
            }
        }
        let left: Vec<_> = fs::read_dir(self.host.path("receipts/restores"))
            .unwrap()
            .collect();
        assert!(left.is_empty(), "{told}: {left:?}");
    }

    /// One restore of all, of one volume, or an undo, killed there and completed; false when it ended before.
    fn round(&self, kind: u64, at: u64, when: &str) -> bool {
        let told = format!("kind {kind}, killed {when} program {at}");
        let (command, more): (_, &[&str]) = match kind {
            0 => ("restore", &["--keep-undo", "0"]),
            1 => ("restore", &["--keep-undo", "0", "--volume", "data"]),
            _ => ("undo", &["--keep-undo", "0"]),
        };
        self.write("new");
        self.run_up();
        let mut before = ["new", "new", "new"];
        let mut after = match kind {
            0 => ["old", "old", "old"],
            _ => ["new", "old", "new"],
        };
        if kind == 2 {
            self.complete("restore", &["--keep-undo", "0"], &told);
            self.write("restored");
            before = ["restored"; 3];
            after = ["new"; 3];
        }
        let killed = self.killed(command, more, at, when);
        self.run_up();
        // Whatever was begun, all of a group is of one moment: the exchanges are one right after the other.
        let now = self.holds();
        assert!(now == before || now == after, "{told}: {now:?}");
        if !killed {
            assert_eq!(now, after, "{told}");
        } else if now == before && kind == 2 && !self.is_begun() {
            self.complete(command, more, &told);
        } else if now == before || self.is_begun() {
            let again: &[&str] = if self.is_begun() && kind == 2 {
                &["--continue"]
            } else {
                more
            };
            self.complete("restore", again, &told);
        }
        self.is_whole(after, &told);
        self.forget(&told);
        killed
    }

    /// Whether a journal speaks of something that is not ended.
    fn is_begun(&self) -> bool {
        let journals = fs::read_dir(self.host.path("receipts/restores"));
        let mut all = journals.into_iter().flatten().flatten();
        all.any(|journal| {
            !fs::read_to_string(journal.path())
                .unwrap()
                .contains("\"stage\": \"done\"")
        })
    }
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_restore_that_is_killed_at_a_program_that_it_runs_is_completed_and_of_one_moment() {
    let shop = Shop::new();
    if wants_all() {
        for kind in 0..3 {
            for when in ["before", "after"] {
                let last = (1..1000).find(|at| !shop.round(kind, *at, when)).unwrap();
                println!("kind {kind}, {when} each of {last} programs");
                assert!(last > 8, "only {last} programs");
            }
        }
        return;
    }
    let mut dice = Dice::of_seed();
    let mut most = [20; 3];
    for run in 0..number("PODMAN_BTRFS_KILLS").unwrap_or(16) {
        let kind = run % 3;
        let of_kind = usize::try_from(kind).unwrap();
        let (at, when) = (dice.below(most[of_kind]) + 1, dice.moment());
        println!(
            "run {run}: kind {kind}, {when} program {at} of {}",
            most[of_kind]
        );
        if !shop.round(kind, at, when) {
            most[of_kind] = at;
        }
    }
}
