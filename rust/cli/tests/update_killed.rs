//! `update` ended by SIGKILL, before and after programs that it runs, with a real Podman on a real Btrfs; in half of the runs the machine
//! then starts anew: units come up as far as they are let. The next run completes it, gives it up, or takes it back: image and data are of one version.
//!
//! Run by `checks/host/run` as root; `PODMAN_BTRFS_KILLS` says how often (default 2; `all`: at each program), `PODMAN_BTRFS_SEED`
//! repeats a run: `cargo test -p podman-btrfs-cli --test update_killed -- --ignored --nocapture`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/kill.rs"]
mod kill;
#[path = "common/podman_host.rs"]
mod podman_host;
#[path = "common/updated_host.rs"]
mod updated_host;

use btrfs::sh;
use kill::{Dice, number, wants_all};
use updated_host::{MIGRATES_AND_FAILS, NEW, ROWS, Updated};

/// The images: the one that runs, and one that does; a third one migrates and fails.
struct Images {
    old: String,
    good: String,
}

const UPDATE: [&str; 4] = ["shop", "--health-window", "2", "--image"];

/// As it is before an update.
fn prepare(host: &Updated, images: &Images) {
    host.stop("app");
    host.stop("side");
    host.podman.podman(&["tag", &images.old, "localhost/app:1"]);
    for volume in ["shop/data", "shop+own"] {
        host.write(volume, "version", "1\n");
        host.write(volume, "rows", ROWS);
    }
    host.start("app");
    host.start("side");
}

/// The machine starts anew: nothing runs, and each unit comes up when it is let.
fn boot(host: &Updated) {
    for name in ["app", "side"] {
        host.stop(name);
    }
    for name in ["app", "side"] {
        if host.on(&[name], "verify").code == 0 {
            // What does not come up is as on any host.
            drop(host.podman.run(
                "systemctl",
                &["start", "--", &format!("podman-{name}.service")],
            ));
        }
    }
}

/// One update, ended there; false when it ended by itself before.
fn round(
    host: &Updated,
    images: &Images,
    is_good: bool,
    (at, when): (u64, &str),
    boots: bool,
) -> bool {
    prepare(host, images);
    let image = if is_good {
        "app=localhost/good:1"
    } else {
        "app=localhost/wrong:1"
    };
    let words = [&UPDATE[..], &[image]].concat();
    let (run, hit) = host
        .podman
        .disturbed(host.command("update", &words), at, when);
    let told = format!(
        "good: {is_good}, killed {when} program {at} ({}), boots: {boots}: {}",
        hit.as_deref().unwrap_or("none").trim(),
        run.shown()
    );
    if hit.is_some() {
        println!("{} open", host.open_updates(&told));
    }
    if hit.is_some() && boots {
        boot(host);
    }
    let resumed = host.update(&["--resume"]);
    assert!(resumed.code < 2, "{told}: {}", resumed.shown());
    let told = format!("{told}\nresumed: {}", resumed.shown());
    host.nothing_open(&told);
    if is_good && host.runs("app") == images.good {
        host.is_new(&images.good, &told);
    } else {
        host.is_old(&images.old, &told);
        // Where it was given up, the same command makes it.
        let again = host.update(&words);
        assert_eq!(
            again.code,
            i32::from(!is_good),
            "{told}\nagain: {}",
            again.shown()
        );
        if is_good {
            host.is_new(&images.good, &told);
        } else {
            host.is_old(&images.old, &told);
        }
    }
    assert_eq!(host.on(&["app", "side"], "verify").code, 0, "{told}");
    clear(host);
    hit.is_some()
}

/// What rounds keep is not kept for the next one.
fn clear(host: &Updated) {
    let top = &host.host().disks[0].top;
    for entry in std::fs::read_dir(top.join("@snapshots")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with(".podman-btrfs-snapshot-"), "{name}");
        sh(
            "btrfs",
            &["subvolume", "delete", &entry.path().to_string_lossy()],
        );
    }
    drop(std::fs::remove_dir_all(
        host.host().path("receipts/restores"),
    ));
    drop(std::fs::remove_dir_all(
        host.host().path("receipts/updates"),
    ));
}

#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices, Podman and busybox"]
fn an_update_that_is_killed_at_a_program_that_it_runs_ends_with_image_and_data_of_one_version() {
    let host = Updated::new();
    let images = Images {
        old: host.id("localhost/app:1"),
        good: host.image("localhost/good:1", NEW),
    };
    host.image("localhost/wrong:1", MIGRATES_AND_FAILS);
    host.podman.podman(&["tag", &images.old, "localhost/old:1"]);
    host.podman.arm();
    if wants_all() {
        for is_good in [true, false] {
            for when in ["before", "after"] {
                let boots =
                    |at: &u64| round(&host, &images, is_good, (*at, when), at.is_multiple_of(2));
                let last = (1..1000).find(|at| !boots(at)).unwrap();
                println!("good: {is_good}, {when} each of {last} programs");
                assert!(last > 20, "only {last} programs");
            }
        }
        return;
    }
    let mut dice = Dice::of_seed();
    let mut most = [50; 2];
    for run in 0..number("PODMAN_BTRFS_KILLS").unwrap_or(2) {
        let is_good = run % 2 == 0;
        let of_kind = usize::from(is_good);
        let at = dice.below(most[of_kind]) + 1;
        let when = dice.moment();
        let boots = dice.below(2) == 0;
        println!(
            "run {run}: good: {is_good}, {when} program {at} of {}, boots: {boots}",
            most[of_kind]
        );
        if !round(&host, &images, is_good, (at, when), boots) {
            most[of_kind] = at;
        }
    }
}
