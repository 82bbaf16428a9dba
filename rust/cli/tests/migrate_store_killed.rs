//! `migrate-store` whose programs fail, or that is ended by SIGKILL before or after one of them, on a real Btrfs with a real Podman.
//! The same command then completes the move, whatever was begun, also when the volume was written to in between, as after a restart
//! of the host.
//!
//! Run by `checks/host/run` as root; `PODMAN_BTRFS_KILLS` says how often (default 3), `PODMAN_BTRFS_SEED` repeats a run:
//! `cargo test -p podman-btrfs-cli --test migrate_store_killed -- --ignored --nocapture`.

#![expect(clippy::print_stdout, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/hostile_tree.rs"]
mod hostile_tree;
#[path = "common/kill.rs"]
mod kill;
#[path = "common/podman_host.rs"]
mod podman_host;

use std::fs;

use hostile_tree::{fill, list};
use kill::{Dice, number};
use podman_host::PodmanHost;

const WEB: &str = "podman-web.service";
const WHEN: [&str; 3] = ["before", "after", "fails"];

#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices, Podman and busybox"]
fn a_move_of_a_store_that_is_ended_at_any_program_is_completed_and_one_that_fails_disturbs_nothing()
{
    let kills = number("PODMAN_BTRFS_KILLS").unwrap_or(3);
    let mut dice = Dice::of_seed();
    let seed = dice.0;
    let host = PodmanHost::new("overlay");
    host.furnish();
    host.arm();
    let data = host.store().join("volumes/data/_data");
    fill(&data);
    // Of the last move that nothing ended.
    let mut calls = 60;
    for run in 0..kills {
        let to = ["btrfs", "overlay"][usize::try_from(run % 2).unwrap()];
        let plan = host.plan(to);
        host.configure(to);
        let told = host.told();
        let at = dice.below(calls) + 1;
        let when = WHEN[usize::try_from(dice.below(3)).unwrap()];
        let (ended, hit) = host.disturbed(host.migration(&plan, &["--keep", "0"]), at, when);
        let hit = hit.unwrap_or_else(|| "none".into());
        let what =
            format!("seed {seed}, run {run}, to {to}, {when} program {at} of {calls}: {hit}");
        println!("{what}");
        if when == "fails" && !hit.starts_with("systemctl") {
            let state = host.host.state(WEB);
            assert_eq!(state, "active", "{what}: {}", ended.shown());
        }
        // As after a restart: everything runs again, and writes.
        host.ok("systemctl", &["start", "--", WEB]);
        fs::write(
            data.join("written"),
            format!("after the kill of run {run}\n"),
        )
        .unwrap();
        fs::remove_file(data.join(format!("deep/er/file{}", 100 + run % 50))).ok();
        let bytes = list(&data);

        let (done, _) = host.disturbed(host.migration(&plan, &["--keep", "0"]), 0, "never");
        assert_eq!(done.code, 0, "{what}: {}", done.shown());
        calls = calls.max(host.calls());
        assert_eq!(host.driver(), to, "{what}");
        assert_eq!(host.told(), told, "{what}");
        assert!(list(&data) == bytes, "{what}: the volume is not the same");
        assert_eq!(host.host.state(WEB), "active", "{what}");
        let shown = host.podman(&["exec", "web", "cat", "/data/written"]);
        assert_eq!(shown, format!("after the kill of run {run}\n"), "{what}");
        if host.host.journal("store-root.json").exists() {
            let run = host.migrate(&plan, &["--forget-source"]);
            assert_eq!(run.code, 0, "{what}: {}", run.shown());
        }
        assert_eq!(host.names(), ["storage"], "{what}");
    }
}
