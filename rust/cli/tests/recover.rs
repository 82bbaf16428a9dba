//! `recover`: a host whose disk is gone, and a new one with an empty disk and the target of its copies, on a real Btrfs with the real
//! btrbk. Run by `checks/host/run` as root: `cargo test -p podman-btrfs-cli --test recover -- --ignored --test-threads 1`.
//! `PODMAN_BTRFS_KILLS` says how often a recovery is killed (default 6; `all`: before and after each program that it runs).

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/hostile_tree.rs"]
mod hostile_tree;
#[path = "common/kill.rs"]
mod kill;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use btrfs::{Host, sh};
use common::Run;
use hostile_tree::{fill, list};
use kill::{Dice, arm, calls, disarm, number, wants_all};
use podman_btrfs_host::system::{RealSystem, System as _};

/// Two workloads that are sent, one of them in two subvolumes, one that nobody backs up, and one that has nothing.
const HOST: &str = r#"{
  "host": {"btrfsProgs": "6.2"},
  "filesystems": {"tank": {"device": "DISK", "mountPoint": "MOUNT"}},
  "policies": {"gold": {"rpo": "1h", "keep": {"hourly": 24}, "targets": ["nas"]}},
  "targets": {"nas": {"url": "TARGET", "keep": {"daily": 3}}},
  "workloads": {
    "shop": {
      "containers": {"web": {}, "sql": {}, "by-timer": {}},
      "protection": {"policy": "gold", "consistency": "none"},
      "volumes": {
        "files": {"mounts": {"web": "/files", "by-timer": "/files"}, "copyOnWrite": true, "compression": "zstd"},
        "data": {"mounts": {"sql": "/data"}, "copyOnWrite": false},
        "own": {"mounts": {"web": "/own"}, "limit": "300M", "copyOnWrite": true},
        "cache": {"mounts": {"web": "/cache"}, "snapshot": false}
      }
    },
    "blog": {
      "containers": {"pages": {}},
      "protection": {"policy": "gold", "consistency": "none"},
      "volumes": {"posts": {"mounts": {"pages": "/posts"}, "class": "documents"}}
    },
    "scratch": {
      "containers": {"calc": {}},
      "volumes": {"heap": {"mounts": {"calc": "/heap"}, "class": "documents"}}
    },
    "proxy": {"containers": {"proxy": {}}}
  }
}"#;

const PLACES: [&str; 4] = ["shop/files", "shop/data", "shop+own", "blog/posts"];
const PROGRAMS: [&str; 7] = [
    "btrfs",
    "findmnt",
    "mount",
    "cp",
    "setpriv",
    "systemctl",
    "umount",
];

type Trees = [BTreeMap<PathBuf, String>; 4];

/// The new host, and what the copies at the target show.
struct Lost {
    host: Host,
    plan: PathBuf,
    config: String,
    mount: PathBuf,
    copies: Trees,
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn says(run: &Run, code: i32, all: &[&str]) {
    assert_eq!(run.code, code, "{}", run.shown());
    for one in all {
        assert!(run.stdout.contains(one), "{one}: {}", run.shown());
    }
}

impl Lost {
    /// The old host lived two backups long, then its disk is gone; the new one is as `apply` leaves it.
    fn new() -> Self {
        let host = Host::new(3, 900);
        let (mount, target) = (host.path("mnt"), host.disks[1].top.join("backup"));
        fs::create_dir(&mount).unwrap();
        fs::create_dir(&target).unwrap();
        let mut lost = Self {
            plan: PathBuf::new(),
            config: String::new(),
            mount,
            copies: Trees::default(),
            host,
        };
        lost.install(0);
        fill(&lost.mount.join("shop/files"));
        for (place, bytes) in [
            ("shop/data", 2 << 20),
            ("shop+own", 1 << 20),
            ("blog/posts", 9),
        ] {
            fs::write(lost.mount.join(place).join("table"), vec![7_u8; bytes]).unwrap();
        }
        fs::write(lost.mount.join("scratch/heap/table"), "nobody backs it up").unwrap();
        lost.btrbk();
        fs::write(lost.mount.join("shop/files/data"), "day two").unwrap();
        lost.btrbk();
        lost.copies = lost.trees();
        fs::write(lost.mount.join("shop/files/data"), "never backed up").unwrap();
        lost.install(2);
        lost
    }

    /// A host with this disk, empty, in the place of whatever was there.
    fn install(&mut self, disk: usize) {
        for point in [self.mount.join(".snapshots"), self.mount.clone()] {
            if fs::read_to_string("/proc/self/mounts")
                .unwrap()
                .contains(&format!(" {} ", text(&point)))
            {
                sh("umount", &[&text(&point)]);
            }
        }
        drop(fs::remove_dir_all(self.host.path("receipts")));
        let device = self.host.disks[disk].device.clone();
        let top = text(&self.host.disks[disk].top);
        sh("umount", &[&top]);
        sh("mkfs.btrfs", &["--quiet", "--force", &device]);
        sh("mount", &["-o", "subvolid=5", &device, &top]);
        let declaration = HOST
            .replace("DISK", &device)
            .replace("MOUNT", &text(&self.mount))
            .replace("TARGET", &text(&self.host.disks[1].top.join("backup")));
        let name = format!("host{disk}");
        self.plan = self.host.plan(&name, &declaration);
        self.host.apply(&self.plan);
        let artefacts = self.host.path("artefacts");
        drop(fs::remove_dir_all(&artefacts));
        let file = text(&self.host.path(&format!("{name}.json")));
        let planned = self.host.run(&["plan", &file, "--out", &text(&artefacts)]);
        assert_eq!(planned.code, 0, "{}", planned.shown());
        self.config = text(&artefacts.join("btrbk/gold-tank.conf"));
        for (subvolume, point) in [("@volumes", ""), ("@snapshots", ".snapshots")] {
            let point = self.mount.join(point);
            fs::create_dir_all(&point).unwrap();
            let options = format!("subvol={subvolume},noatime");
            sh("mount", &["-o", &options, &device, &text(&point)]);
        }
    }

    /// The real btrbk; what it did, one line each.
    fn btrbk(&self) -> String {
        // Names have seconds.
        std::thread::sleep(Duration::from_millis(1100));
        sh("btrbk", &["-c", &self.config, "run"])
    }

    fn command(&self, command: &str, more: &[&str]) -> std::process::Command {
        self.host.ending(command, &self.plan, more)
    }

    fn recover(&self, more: &[&str]) -> Run {
        let words = [&["--from", "nas"], more].concat();
        common::run_with(self.command("recover", &words), "")
    }

    fn trees(&self) -> Trees {
        PLACES.map(|place| list(&self.mount.join(place)))
    }

    fn is_back(&self, told: &str) {
        for (place, (found, copy)) in PLACES.iter().zip(self.trees().iter().zip(&self.copies)) {
            assert!(
                found == copy,
                "{told}: {place}: {}",
                kill::difference(found, copy)
            );
        }
        let verified = self.host.run(&["verify", &text(&self.plan)]);
        assert_eq!(verified.code, 0, "{told}: {}", verified.shown());
        let table = self.mount.join("shop/data/table");
        assert!(RealSystem.is_nodatacow(&table).unwrap(), "{told}");
    }

    fn is_empty(&self) -> bool {
        self.trees().iter().all(|tree| tree.len() <= 1)
    }

    /// Whether the backup may run, as its unit asks; where not, of which series that is said.
    fn may_run(&self, series: &[&str]) -> bool {
        let run = self.copies(&["--may-run", "gold-tank"]);
        let not: Vec<&str> = run
            .stdout
            .lines()
            .filter_map(|line| {
                line.strip_prefix("error nas, ")?
                    .split_once(": what lies in ")
            })
            .map(|(series, _)| series)
            .collect();
        let held = if run.code == 0 { &[] } else { series };
        assert!(run.code < 2 && not == held, "{}", run.shown());
        run.code == 0
    }

    fn copies(&self, more: &[&str]) -> Run {
        let (plan, receipts) = (text(&self.plan), text(&self.host.path("receipts")));
        let words = [
            "copies",
            &plan,
            "--receipts",
            &receipts,
            "--btrbk",
            "/nowhere",
        ];
        self.host.run(&[&words[..], more].concat())
    }

    fn delete_at_target(&self, series: &str, newest: usize) {
        let target = self.host.disks[1].top.join("backup");
        let names = fs::read_dir(&target).unwrap().map(|one| one.unwrap());
        let mut names: Vec<String> = names
            .map(|one| one.file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with(&format!("{series}.")))
            .collect();
        names.sort();
        let name = &names[names.len() - 1 - newest];
        sh("btrfs", &["subvolume", "delete", &text(&target.join(name))]);
    }
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn all_workloads_of_a_lost_host_come_back_and_the_real_btrbk_goes_on_with_increments() {
    let lost = Lost::new();
    for unit in [
        "podman-web",
        "podman-sql",
        "podman-pages",
        "podman-by-timer",
    ] {
        lost.host.unit(&format!("{unit}.service"), "inactive");
        if unit != "podman-by-timer" {
            lost.host.unit(&format!("{unit}.service.wanted"), "");
        }
    }
    says(
        &lost.recover(&["--dry-run"]),
        1,
        &[
            "comes back\n",
            "no whole copy",
            "scratch: the plan sends its snapshots to no target",
            "in no snapshot, and stays as it is here: cache",
            "waits: shop would come back",
            "waits: blog would come back",
        ],
    );
    assert!(lost.is_empty(), "a dry run changes nothing");

    let run = lost.recover(&[]);
    let all = [
        "done: shop is back\n",
        "done: blog is back\n",
        "missing: scratch the target has no whole copy of it",
        "nothing: proxy has no volumes",
        "sends this to nas as an increment",
    ];
    says(&run, 1, &all);
    lost.is_back("recovered");
    for (unit, state) in [
        ("podman-web", "active"),
        ("podman-sql", "active"),
        ("podman-pages", "active"),
        ("podman-by-timer", "inactive"),
    ] {
        assert_eq!(lost.host.state(&format!("{unit}.service")), state, "{unit}");
    }

    // Again: nothing is received and nothing stops.
    fs::write(lost.host.path("calls"), "").unwrap();
    let again = lost.recover(&["--allow-missing"]);
    says(
        &again,
        0,
        &["done: shop was back already", "done: blog was back already"],
    );
    assert!(!again.stdout.contains("receiving"), "{}", again.shown());
    assert_eq!(fs::read_to_string(lost.host.path("calls")).unwrap(), "");
    lost.is_back("again");

    fs::write(lost.mount.join("blog/posts/new"), "after the loss").unwrap();
    let btrbk = lost.btrbk();
    let sent = |mark: &str| btrbk.lines().filter(|line| line.starts_with(mark)).count();
    assert_eq!((sent(">>>"), sent("***")), (3, 0), "{btrbk}");

    let unknown = lost.recover(&["shop", "sh"]);
    says(&unknown, 1, &["the plan has no workload `sh`"]);
    let json = lost.recover(&["--format", "json", "--allow-missing"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["complete"], true);
    assert_eq!(json["workloads"].as_array().unwrap().len(), 4);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn data_that_is_there_is_not_replaced_and_neither_half_a_group_nor_what_was_begun_anew_comes_back()
{
    let lost = Lost::new();
    // Of the newest group half is gone.
    lost.delete_at_target("shop+own", 0);
    says(
        &lost.recover(&["shop", "--dry-run"]),
        0,
        &["is passed over: it lacks shop+own"],
    );
    let mut older = lost.copies.clone();
    // The backup runs on the new host before its data is back, though nothing may.
    assert!(!lost.may_run(&["blog", "shop", "shop+own"]));
    lost.btrbk();
    let begun = lost.mount.join("blog/posts/begun anew");
    fs::write(&begun, "by a container").unwrap();
    let run = lost.recover(&["shop", "blog"]);
    says(
        &run,
        1,
        &[
            "it was taken on this host, before its data was back",
            "refused: blog is not back\n  data is here already (@volumes/blog/posts)",
            "done: shop is back",
        ],
    );
    assert_eq!(fs::read_to_string(&begun).unwrap(), "by a container");
    assert_eq!(
        fs::read_dir(lost.mount.join("blog/posts")).unwrap().count(),
        1
    );
    // The day before: the same but for one file.
    assert_ne!(lost.trees()[0], older[0]);
    older[0] = lost.trees()[0].clone();
    assert_ne!(
        fs::read(lost.mount.join("shop/files/data")).unwrap(),
        b"day two"
    );
    assert_eq!(lost.trees()[..3], older[..3]);

    // What was begun is kept.
    says(
        &lost.recover(&["blog", "--replace-fresh"]),
        0,
        &["done: blog is back"],
    );
    assert_eq!(lost.trees()[3], lost.copies[3]);
    let undone = common::run_with(lost.command("undo", &["blog"]), "");
    assert_eq!(undone.code, 0, "{}", undone.shown());
    assert_eq!(fs::read_to_string(&begun).unwrap(), "by a container");

    // The target is not there: nothing is done.
    fs::rename(
        lost.host.disks[1].top.join("backup"),
        lost.host.disks[1].top.join("away"),
    )
    .unwrap();
    let away = lost.recover(&["blog", "--replace-fresh"]);
    assert_eq!(away.code, 2, "{}", away.shown());
    assert_eq!(fs::read_to_string(&begun).unwrap(), "by a container");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_recovery_that_is_killed_while_units_stop_or_start_is_gone_on_with_and_not_begun_again() {
    let mut lost = Lost::new();
    // The container began before its data was back. Its unit ends the program that stops or starts it.
    let unit = "podman-pages.service";
    lost.host.program(
        &format!("../units/{unit}.do"),
        "#!/bin/sh\ncd \"$(dirname \"$0\")\" || exit 1\n[ -e \"kill-at-$1\" ] || exit 0\nrm \"kill-at-$1\"\n\
         kill -9 \"$(sed -n 's/^PPid:[[:space:]]*//p' \"/proc/$PPID/status\")\"\n",
    );
    for moment in ["stop", "start"] {
        lost.install(2);
        lost.host.unit(unit, "active");
        let mark = lost.host.path(&format!("units/kill-at-{moment}"));
        fs::write(&mark, "").unwrap();
        let mut command = lost.command("recover", &["--from", "nas", "shop", "blog"]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        assert_eq!(
            command.status().unwrap().code(),
            None,
            "{moment}: it was not killed"
        );
        assert!(!mark.exists(), "{moment}");
        let again = lost.recover(&["shop", "blog"]);
        says(
            &again,
            0,
            &[
                "done: shop is back",
                "was begun, and is gone on",
                "done: blog is back",
            ],
        );
        assert!(
            !again.stdout.contains("receiving blog"),
            "{moment}: {}",
            again.shown()
        );
        lost.is_back(moment);
        assert_eq!(lost.host.state(unit), "active", "{moment}");
    }
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_recovery_that_is_killed_at_a_program_that_it_runs_is_completed_by_the_same_command() {
    let mut lost = Lost::new();
    arm(&lost.host, &PROGRAMS);
    let mut round = |at: u64, when: &str| {
        let told = format!("killed {when} program {at}");
        disarm(&lost.host);
        lost.install(2);
        disarm(&lost.host);
        fs::write(lost.host.path("kill"), format!("{at} {when}\n")).unwrap();
        let mut command = lost.command("recover", &["--from", "nas", "shop", "blog"]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let killed = !command.status().unwrap().success();
        let ran = calls(&lost.host);
        disarm(&lost.host);
        // All of a workload is of one moment, or nothing of it is there.
        let (now, empty) = (lost.trees(), |tree: &BTreeMap<_, _>| tree.len() <= 1);
        let is_copy = |number: usize| now[number] == lost.copies[number];
        assert!(
            now[..3].iter().all(empty) || (0..3).all(is_copy),
            "{told}: {now:?}"
        );
        assert!(empty(&now[3]) || is_copy(3), "{told}");
        let again = lost.recover(&["shop", "blog"]);
        assert_eq!(again.code, 0, "{told}: {}", again.shown());
        lost.is_back(&told);
        let top = text(&lost.host.disks[2].top);
        let printed = sh("btrfs", &["subvolume", "list", &top]);
        assert_eq!(
            printed.matches("/.podman-btrfs-").count(),
            3,
            "{told}: {printed}"
        );
        assert!(
            !printed.contains("receiving") && !printed.contains("fetch"),
            "{told}: {printed}"
        );
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        assert!(
            !mounts.contains(&text(&lost.host.path("work"))),
            "{told}: {mounts}"
        );
        (killed, ran)
    };
    if wants_all() {
        for when in ["before", "after"] {
            let most = (1..1000).find(|at| !round(*at, when).0).unwrap();
            println!("{when} each of {most} programs");
            assert!(most > 20, "only {most} programs");
        }
        return;
    }
    let mut dice = Dice::of_seed();
    let kills = number("PODMAN_BTRFS_KILLS").unwrap_or(6);
    let (killed, all) = round(0, "never");
    // Two programs of a stream run at a time, so it is counted only about right.
    assert!(!killed && all > 5, "only {all} programs");
    let mut ended = 0;
    for kill in 0..kills {
        // One in each part of the work.
        let at = 1 + (all * kill + dice.below(all)) / kills.max(1);
        let when = dice.moment();
        println!("{when} program {at} of {all}");
        ended += u64::from(round(at, when).0);
    }
    assert!(2 * ended >= kills, "only {ended} of {kills} were killed");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_was_begun_anew_is_not_sent_until_the_copy_is_back_or_it_is_meant() {
    let mut lost = Lost::new();
    let all = ["blog", "shop", "shop+own"];
    assert!(!lost.may_run(&all));
    let shown = lost.copies(&["nas"]);
    says(
        &shown,
        1,
        &[
            "`podman-btrfs recover PLAN shop --from nas`",
            "--begin-anew shop",
        ],
    );
    assert!(!shown.stdout.contains("sent whole"), "{}", shown.shown());
    says(&lost.recover(&["shop"]), 0, &["done: shop is back"]);
    assert!(!lost.may_run(&["blog"]), "a workload is not back");
    says(
        &lost.copies(&["--begin-anew", "blog"]),
        0,
        &["blog is meant to have begun anew"],
    );
    assert!(lost.may_run(&[]));
    let btrbk = lost.btrbk();
    let sent = |mark: &str| btrbk.lines().filter(|line| line.starts_with(mark)).count();
    assert_eq!((sent(">>>"), sent("***")), (2, 1), "{btrbk}");
    assert!(lost.may_run(&[]), "what was sent is continued");

    // A target that is away is thinned by nobody.
    let (target, away) = (
        lost.host.disks[1].top.join("backup"),
        lost.host.path("away"),
    );
    fs::rename(&target, lost.host.disks[1].top.join("elsewhere")).unwrap();
    let run = lost.copies(&["--may-run", "gold-tank"]);
    says(&run, 0, &["last seen"]);
    fs::rename(lost.host.disks[1].top.join("elsewhere"), &target).unwrap();

    // Lost once more: what was meant then is not what begins now, and a text that is not understood lets nothing run.
    fs::rename(lost.host.path("receipts"), &away).unwrap();
    lost.install(2);
    fs::rename(&away, lost.host.path("kept")).unwrap();
    fs::copy(
        lost.host.path("kept").join("begun-anew.json"),
        lost.host.path("receipts").join("begun-anew.json"),
    )
    .unwrap();
    assert!(!lost.may_run(&all));
    fs::write(lost.host.path("receipts").join("begun-anew.json"), "{").unwrap();
    let run = lost.copies(&["--may-run", "gold-tank"]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(
        run.stderr.contains("begun-anew.json is not understood"),
        "{}",
        run.shown()
    );
    let run = lost.copies(&["--may-run", "gold"]);
    assert_eq!(run.code, 2, "{}", run.shown());
}
