//! `migrate` ended by SIGKILL: before and after each program that it runs, and at random times, on a real Btrfs. The same command
//! then completes the move, whatever was begun, also when the volume was written to in between, as after a restart of the host.
//!
//! Run by `checks/host/run` as root; `PODMAN_BTRFS_KILLS` says how often (default 24), `PODMAN_BTRFS_SEED` repeats a run:
//! `cargo test -p podman-btrfs-cli --test migrate_killed -- --ignored --nocapture`.

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
use std::time::{Duration, Instant};

use btrfs::Host;
use common::run_with;
use hostile_tree::{fill, list};
use kill::{Dice, arm, calls, difference, disarm, number};

const SHOP: &str = r#"{
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "/srv/podman-btrfs-test"}},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}}},
  "workloads": {"shop": {
    "containers": {"web": {}, "other": {}},
    "protection": {"policy": "hourly"},
    "volumes": {"files": {"mounts": {"web": "/files"} VOLUME}, "more": {"mounts": {"other": "/more"}}}
  }}
}"#;

/// Where the volume is planned, one after another: in place, into the group, out of it.
const PLANS: [(&str, &str); 3] = [
    (
        ", \"snapshot\": false, \"copyOnWrite\": true",
        "@volumes/shop+files",
    ),
    (
        ", \"snapshot\": false, \"copyOnWrite\": false",
        "@volumes/shop+files",
    ),
    (", \"copyOnWrite\": true", "@volumes/shop/files"),
];

const PROGRAMS: [&str; 7] = [
    "btrfs",
    "findmnt",
    "mount",
    "rsync",
    "setpriv",
    "systemctl",
    "umount",
];

/// What the last undisturbed move took.
struct Taken {
    calls: u64,
    time: Duration,
}

/// Begins the move, ends it somewhere, and says where.
fn killed(host: &Host, plan: &Path, dice: &mut Dice, taken: &Taken) -> String {
    let arguments = ["shop/files", "--keep", "0"];
    disarm(host);
    let mut command = host.migration(plan, &arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if dice.below(2) == 0 {
        let at = dice.below(taken.calls) + 1;
        let when = dice.moment();
        fs::write(host.path("kill"), format!("{at} {when}\n")).unwrap();
        let status = command.status().unwrap();
        disarm(host);
        return format!("{when} program {at} of {} ({status})", taken.calls);
    }
    let most = u64::try_from(taken.time.as_micros()).unwrap();
    let time = Duration::from_micros(dice.below(most));
    let mut child = command.spawn().unwrap();
    std::thread::sleep(time);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    format!("after {time:?} of {:?} ({status})", taken.time)
}

/// A host with a volume where the first plan has it, and the plans.
fn armed() -> (Host, Vec<PathBuf>) {
    let host = Host::new(1, 1200);
    let plan = |(index, (volume, _)): (usize, &(&str, &str))| {
        host.plan(&format!("plan{index}"), &SHOP.replace("VOLUME", volume))
    };
    let plans: Vec<PathBuf> = PLANS.iter().enumerate().map(plan).collect();
    host.apply(&plans[0]);
    arm(&host, &PROGRAMS);
    host.unit("podman-web.service", "active");
    fill(&host.disks[0].top.join(PLANS[0].1));
    (host, plans)
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_move_that_is_killed_at_each_program_that_it_runs_is_completed_with_what_was_written_since() {
    let (host, plans) = armed();
    let place = host.disks[0].top.join(PLANS[0].1);
    let mut index = 0;
    'when: for when in ["before", "after"] {
        for at in 1.. {
            let to = 1 - index;
            // What was about to come up before the move is not waited for after it.
            host.unit("podman-web.service", "activating");
            disarm(&host);
            fs::write(host.path("kill"), format!("{at} {when}\n")).unwrap();
            let mut command = host.migration(&plans[to], &["shop/files", "--keep", "0"]);
            let status = command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            let told = format!("killed {when} program {at}");
            written(&host, &place, at);
            host.unit("podman-web.service", "activating");
            let expected = list(&place);
            complete(&host, &plans[to], &place, &expected, &told);
            forget(&host, &plans[to], &mut Dice(at), &told);
            index = to;
            if status.success() {
                assert!(at > 20, "only {at} programs");
                continue 'when;
            }
        }
    }
}

/// As after a restart: everything runs again, and writes.
fn written(host: &Host, place: &Path, run: u64) {
    host.unit("podman-web.service", "active");
    fs::write(
        place.join("written"),
        format!("after the kill of run {run}\n"),
    )
    .unwrap();
    fs::write(place.join("deep/er/file1"), format!("of run {run}\n")).unwrap();
    fs::remove_file(place.join(format!("deep/er/file{}", 100 + run % 50))).ok();
}

/// The same command completes the move.
fn complete(
    host: &Host,
    plan: &Path,
    place: &Path,
    expected: &BTreeMap<PathBuf, String>,
    told: &str,
) -> Taken {
    let began = Instant::now();
    disarm(host);
    let run = host.migrate(plan, &["shop/files", "--keep", "0"]);
    assert_eq!(run.code, 0, "{told}: {}", run.shown());
    let taken = Taken {
        calls: calls(host),
        time: began.elapsed(),
    };
    assert!(
        &list(place) == expected,
        "{told}: it is not the same any more: {}",
        difference(&list(place), expected)
    );
    let state = host.state("podman-web.service");
    assert!(
        matches!(&*state, "active" | "activating"),
        "{told}: the unit is {state}"
    );
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    assert!(
        !mounts.contains(&*host.path("work").to_string_lossy()),
        "{told}: {mounts}"
    );
    taken
}

/// The source goes too, and nothing of any move is left.
fn forget(host: &Host, plan: &Path, dice: &mut Dice, told: &str) {
    disarm(host);
    if dice.below(2) == 0 {
        let at = dice.below(8) + 1;
        fs::write(host.path("kill"), format!("{at} after\n")).unwrap();
        let _ = host
            .migration(plan, &["shop/files", "--forget-source"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        disarm(host);
    }
    if host.journal("shop+files.json").exists() {
        let run = host.migrate(plan, &["shop/files", "--forget-source"]);
        assert_eq!(run.code, 0, "{told}: {}", run.shown());
    }
    let volumes = host.disks[0].top.join("@volumes");
    for directory in [volumes.clone(), volumes.join("shop")] {
        for entry in fs::read_dir(directory).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(
                !name.to_string_lossy().contains(".podman-btrfs-"),
                "{told}: {} is left",
                name.display()
            );
        }
    }
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_move_that_is_killed_anywhere_is_completed_by_the_next_and_nothing_is_lost() {
    let kills = number("PODMAN_BTRFS_KILLS").unwrap_or(24);
    let mut dice = Dice::of_seed();
    let seed = dice.0;
    let (host, plans) = armed();
    let volumes = |index: usize| host.disks[0].top.join(PLANS[index].1);
    let mut taken: BTreeMap<usize, Taken> = BTreeMap::new();
    let mut index = 0;
    for run in 0..kills {
        let (from, to) = (index, (index + 1) % PLANS.len());
        let (source, place, plan) = (volumes(from), volumes(to), &plans[to]);
        let guess = Taken {
            calls: 40,
            time: Duration::from_secs(3),
        };
        let mut expected = list(&source);
        let at = killed(&host, plan, &mut dice, taken.get(&to).unwrap_or(&guess));
        if source == place && dice.below(2) == 0 {
            written(&host, &place, run);
            expected = list(&place);
        }
        let told = format!("seed {seed}, run {run}, plan {from} to {to}, killed {at}");
        println!("{told}");
        let whole = complete(&host, plan, &place, &expected, &told);
        // A run that only went on says too little of what a whole one takes.
        let known = taken.entry(to).or_insert(guess);
        known.calls = known.calls.min(40).max(whole.calls);
        known.time = known.time.max(whole.time).min(Duration::from_secs(6));
        forget(&host, plan, &mut dice, &told);
        assert!(list(&place) == expected, "{told}");
        index = to;
    }
    let applied = run_with(host.on_host("apply", &plans[index], &[]), "");
    assert_eq!(applied.code, 0, "{}", applied.shown());
}
