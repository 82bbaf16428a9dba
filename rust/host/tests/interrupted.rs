//! `apply` on a machine in memory that fails at a chosen change: wherever it stops, the next run ends
//! where an undisturbed one ends.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{HOST, plan_of};
use podman_btrfs_core::plan::Plan;
use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::receipt::{Receipt, State};
use podman_btrfs_host::system::System;
use podman_btrfs_host::system::fake::FakeSystem;

fn machine() -> FakeSystem {
    FakeSystem::with_directories(&["/", "/run"])
}

fn run(plan: &Plan, system: &FakeSystem, dry_run: bool) -> Receipt {
    let work_directory = PathBuf::from("/run/podman-btrfs");
    let options = Options {
        dry_run,
        devices: BTreeMap::new(),
        work_directory,
        ledger: Some("/run/places.json".into()),
        replaced: Vec::new(),
    };
    apply(plan, system, &options, &mut |_| ())
}

#[test]
fn wherever_it_stops_the_next_run_ends_where_an_undisturbed_one_does() {
    let plan = plan_of(HOST);
    let undisturbed = machine();
    assert!(run(&plan, &undisturbed, false).is_complete());
    let all = undisturbed.changes();
    assert!(all > 20, "{all} changes are too few to say anything");
    for stop in 1..=all {
        let system = machine();
        system.fail_from(Some(stop));
        let stopped = run(&plan, &system, false);
        assert!(
            !stopped.is_complete(),
            "stopped at {stop}, and the receipt says that all is well"
        );
        let failed = stopped.count(|state| matches!(state, State::Failed(_)));
        assert!(failed >= 1, "stopped at {stop}: {stopped:#?}");
        system.fail_from(None);
        let resumed = run(&plan, &system, false);
        assert!(
            resumed.is_complete(),
            "after a stop at {stop}: {resumed:#?}"
        );
        assert_eq!(
            system.listing(),
            undisturbed.listing(),
            "after a stop at {stop}"
        );
    }
}

#[test]
fn twice_is_once() {
    let plan = plan_of(HOST);
    let system = machine();
    run(&plan, &system, false);
    let before = system.listing();
    system.fail_from(None);
    let again = run(&plan, &system, false);
    assert!(
        again.steps.iter().all(|step| step.state == State::Already),
        "{again:#?}"
    );
    assert_eq!(system.changes(), 2, "only the mount and the unmount");
    assert_eq!(system.listing(), before);
}

#[test]
fn a_dry_run_changes_nothing_on_the_filesystem() {
    let plan = plan_of(HOST);
    let system = machine();
    let receipt = run(&plan, &system, true);
    assert!(
        receipt.count(|state| *state == State::Wanted) > 5,
        "{receipt:#?}"
    );
    assert!(!system.listing().contains('@'), "{}", system.listing());
}

#[test]
fn an_owner_without_an_account_is_told_by_name() {
    let plan = plan_of(&HOST.replace("alice", "nobody-here"));
    let receipt = run(&plan, &machine(), false);
    let told = receipt.steps.iter().any(|step| {
        matches!(&step.state, State::Failed(because) if because.contains("no account `nobody-here`"))
    });
    assert!(told, "{receipt:#?}");
}

#[test]
fn nodatacow_is_refused_on_a_volume_that_holds_files() {
    let plan = plan_of(HOST);
    let system =
        FakeSystem::with_directories(&["/", "/run", "/run/podman-btrfs", "/run/podman-btrfs/tank"]);
    for path in ["@volumes", "@volumes/metrics+samples"] {
        system
            .create_subvolume(&PathBuf::from("/run/podman-btrfs/tank").join(path))
            .unwrap();
    }
    system.put_file("/run/podman-btrfs/tank/@volumes/metrics+samples/ibdata1");
    let receipt = run(&plan, &system, false);
    let refused: Vec<_> = receipt
        .steps
        .iter()
        .filter(|step| matches!(step.state, State::Refused(_)))
        .collect();
    assert_eq!(refused.len(), 1, "{receipt:#?}");
    assert_eq!(
        refused[0].action,
        "set nodatacow on @volumes/metrics+samples"
    );
}

#[test]
fn a_receipt_of_the_first_version_is_still_read() {
    let text = include_str!("receipts/1.json");
    let receipt: Receipt = serde_json::from_str(text).expect("old receipts stay readable");
    assert_eq!(receipt.steps.len(), 5);
    assert_eq!(receipt.count(|state| matches!(state, State::Refused(_))), 1);
}

#[test]
fn the_directories_above_the_work_directory_are_made_too() {
    let plan = plan_of(HOST);
    let system = machine();
    let options = Options {
        dry_run: false,
        devices: BTreeMap::new(),
        work_directory: "/run/podman-btrfs/top-level".into(),
        ledger: None,
        replaced: Vec::new(),
    };
    let receipt = apply(&plan, &system, &options, &mut |_| ());
    assert!(receipt.is_complete(), "{receipt:#?}");
}

#[test]
fn nothing_is_made_inside_what_was_refused() {
    let plan = plan_of(HOST);
    let top = "/run/podman-btrfs/tank";
    let foreign = format!("{top}/@volumes/shop");
    let system = FakeSystem::with_directories(&["/", "/run", "/run/podman-btrfs", top]);
    system
        .create_subvolume(&Path::new(top).join("@volumes"))
        .unwrap();
    system.create_directory(Path::new(&foreign)).unwrap();
    system.put_file(&format!("{foreign}/file"));
    let receipt = run(&plan, &system, false);
    let listing = system.listing();
    let inside: Vec<&str> = listing
        .lines()
        .filter(|line| line.starts_with(&format!("{foreign}/")))
        .collect();
    assert_eq!(inside.len(), 1, "{inside:#?}");
    let step = |action: &str| receipt.steps.iter().find(|step| step.action == action);
    let pgdata = step("make the directory @volumes/shop/pgdata").unwrap();
    assert!(
        matches!(&pgdata.state, State::Refused(because) if because.contains("@volumes/shop")),
        "{pgdata:?}"
    );
    assert_eq!(
        step("make the subvolume @volumes/metrics+samples")
            .unwrap()
            .state,
        State::Done,
        "what lies elsewhere is made"
    );
}

#[test]
fn one_failure_does_not_keep_what_lies_elsewhere_from_being_made() {
    let plan = plan_of(&HOST.replace("alice", "nobody-here"));
    let receipt = run(&plan, &machine(), false);
    let shop = receipt
        .steps
        .iter()
        .find(|step| step.action == "make the directory @volumes/shop/pgdata");
    assert_eq!(
        shop.map(|step| &step.state),
        Some(&State::Done),
        "{receipt:#?}"
    );
}

#[test]
fn an_owner_or_mode_that_was_changed_by_hand_stays_on_an_empty_volume() {
    let plan = plan_of(HOST);
    let uploads = Path::new("/run/podman-btrfs/tank/@volumes/shop/uploads");
    for (mode, uid, gid) in [(0o755, 999, 999), (0o770, 0, 0)] {
        let system = machine();
        run(&plan, &system, false);
        system.set_access(uploads, mode, uid, gid).unwrap();
        let again = run(&plan, &system, false);
        assert!(again.is_complete(), "{again:#?}");
        let node = system.look(uploads).unwrap().unwrap();
        assert_eq!((node.mode, node.uid, node.gid), (mode, uid, gid));
    }
}

#[test]
fn two_receipts_of_one_second_are_both_kept() {
    let system = FakeSystem::with_directories(&["/", "/var", "/var/lib"]);
    let directory = Path::new("/var/lib/podman-btrfs/receipts");
    let first = run(&plan_of(HOST), &machine(), true);
    let path = first.keep(&system, directory).unwrap();
    let second = run(&plan_of(HOST), &machine(), false);
    let other = second.keep(&system, directory).unwrap();
    assert_ne!(path, other);
    let kept: Receipt = serde_json::from_str(&system.read(&path).unwrap().unwrap()).unwrap();
    assert_eq!(kept, first);
}
