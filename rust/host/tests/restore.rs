//! `restore` and `undo` on a machine in memory that fails at a chosen change, and from then on: as if it had been killed there. The next
//! run ends where an undisturbed one does, whatever was begun. What Btrfs does is shown by `rust/cli/tests/restore.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests"
)]

mod common;

use std::path::PathBuf;

use common::{HOST, plan_of};
use podman_btrfs_core::plan::Plan;
use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::copies;
use podman_btrfs_host::restore::{Asked, Outcome, Report, Request, What, restore};
use podman_btrfs_host::stop::Stop;
use podman_btrfs_host::system::System as _;
use podman_btrfs_host::system::fake::FakeSystem;

const TOP: &str = "/run/podman-btrfs/tank";
const UNIT: &str = "podman-pg.service";
const FILES: [&str; 3] = ["shop/pgdata/table", "shop/uploads/a", "shop+films/b"];

fn live(file: &str) -> String {
    format!("{TOP}/@volumes/{file}")
}

/// A host as `apply` leaves it, with a file in each volume, snapshots of both subvolumes, and other files since.
fn machine(plan: &Plan) -> FakeSystem {
    let system = FakeSystem::with_directories(&["/", "/run"]);
    let options = Options {
        dry_run: false,
        devices: std::collections::BTreeMap::new(),
        work_directory: "/run/podman-btrfs".into(),
        ledger: Some("/run/receipts/ledger.json".into()),
        replaced: Vec::new(),
    };
    assert!(apply(plan, &system, &options, &mut |_| ()).is_complete());
    // Snapper was used before, and what it keeps lies in the group.
    let snapper = PathBuf::from(live("shop/.snapshots"));
    system.create_subvolume(&snapper).unwrap();
    for file in FILES {
        system.put_text(&live(file), "old");
    }
    for series in ["shop", "shop+films"] {
        let place = PathBuf::from(format!("{TOP}/@snapshots/{series}.20260901T070000+0000"));
        system
            .create_snapshot(live(series).as_ref(), &place)
            .unwrap();
    }
    for file in FILES {
        system.put_text(&live(file), "new");
    }
    system.put_unit(UNIT, "active");
    system
}

fn run(plan: &Plan, system: &FakeSystem, what: What, volumes: &[&str]) -> Result<Report, Stop> {
    let request = Request {
        copy: "shop".into(),
        asked: Asked {
            volumes: volumes.iter().map(|volume| (*volume).to_owned()).collect(),
            ..Asked::default()
        },
        what,
        units: Vec::new(),
        not_used_by: Vec::new(),
        keep_days: 7,
        wait_seconds: 5,
        journals: "/run/receipts/restores".into(),
        ledger: "/run/receipts/ledger.json".into(),
        work_directory: "/run/podman-btrfs".into(),
        copies: copies::Request {
            target: None,
            identity: None,
            gnupg_home: None,
            configurations: "/etc/btrbk".into(),
            receipts: "/run/receipts".into(),
        },
        update: None,
    };
    restore(plan, &request, system, &mut |_| ())
}

fn holds(system: &FakeSystem) -> [String; 3] {
    FILES.map(|file| {
        system
            .read(live(file).as_ref())
            .unwrap()
            .unwrap_or_default()
    })
}

/// All but what is called by a number that is another one in each run.
fn listing(system: &FakeSystem) -> String {
    let listing = system.listing();
    let lines = listing.lines();
    let lines =
        lines.filter(|line| !line.contains(".podman-btrfs-undo-") && !line.contains("/restores/"));
    lines.fold(String::new(), |all, line| all + line + "\n")
}

fn journals(system: &FakeSystem) -> Vec<String> {
    system
        .list("/run/receipts/restores".as_ref())
        .unwrap()
        .unwrap_or_default()
}

/// Stops at each change, and has the next run complete it.
fn stop_everywhere(
    prepared: &dyn Fn(&Plan) -> FakeSystem,
    what: &What,
    volumes: &[&str],
    expected: [&str; 3],
) {
    let plan = plan_of(HOST);
    let undisturbed = prepared(&plan);
    let before = holds(&undisturbed);
    undisturbed.fail_from(None);
    run(&plan, &undisturbed, what.clone(), volumes).unwrap();
    assert_eq!(holds(&undisturbed), expected);
    // Snapper's snapshots belong to the place.
    let carried = format!("{TOP}/@volumes/shop/.snapshots Subvolume ");
    assert!(
        undisturbed.listing().contains(&carried),
        "{}",
        undisturbed.listing()
    );
    let all = undisturbed.changes();
    assert!(all > 8, "{all} changes are too few to say anything");
    for stop in 1..=all {
        let system = prepared(&plan);
        system.fail_from(Some(stop));
        let told = format!("stopped at {stop} of {all}");
        run(&plan, &system, what.clone(), volumes)
            .map(|_| ())
            .expect_err(&told);
        system.fail_from(None);
        // As after a restart.
        system.put_unit(UNIT, "active");
        let begun = journals(&system).iter().any(|name| {
            let text = system
                .read(&PathBuf::from("/run/receipts/restores").join(name))
                .unwrap()
                .unwrap();
            !text.contains("\"stage\": \"done\"")
        });
        if begun {
            let ended = run(&plan, &system, What::Continue, &[]);
            ended.unwrap_or_else(|stop| panic!("{told}: {stop:?}"));
        } else if holds(&system) == before {
            run(&plan, &system, what.clone(), volumes)
                .unwrap_or_else(|stop| panic!("{told}: {stop:?}"));
        }
        assert_eq!(holds(&system), expected, "{told}");
        assert_eq!(listing(&system), listing(&undisturbed), "{told}");
        assert_eq!(system.unit(UNIT).as_deref(), Some("active"), "{told}");
        assert_eq!(journals(&system).len(), 1, "{told}");
    }
}

#[test]
fn a_group_over_two_subvolumes_is_all_of_one_moment_wherever_it_stopped() {
    stop_everywhere(&machine, &What::Restore, &[], ["old"; 3]);
}

#[test]
fn so_is_one_volume_of_a_group() {
    stop_everywhere(
        &machine,
        &What::Restore,
        &["uploads"],
        ["new", "old", "new"],
    );
}

#[test]
fn so_is_an_undo() {
    let restored = |plan: &Plan| {
        let system = machine(plan);
        run(plan, &system, What::Restore, &[]).unwrap();
        system
    };
    stop_everywhere(&restored, &What::Undo, &[], ["new"; 3]);
}

#[test]
fn what_is_restored_does_not_say_that_it_is_a_snapshot() {
    let plan = plan_of(HOST);
    let system = machine(&plan);
    let record = r#"{"version":1,"id":"8578933ac5f442949fd54541a95c386d","workload":"shop","copy":"shop","taken":1788246000,
        "members":["shop","shop+films"],"wanted":"crash","reached":"crash","frozenMilliseconds":1,"reason":"schedule","hooks":[],"images":{}}"#;
    let series = ["shop", "shop+films"];
    for one in series {
        let place = format!("{TOP}/@snapshots/{one}.20260901T070000+0000");
        system.set_snapshot_record(place.as_ref(), record).unwrap();
    }
    run(&plan, &system, What::Restore, &[]).unwrap();
    assert_eq!(holds(&system), ["old"; 3]);
    for one in series {
        let found = system.snapshot_record(live(one).as_ref()).unwrap();
        assert_eq!(found, None, "{one}");
    }
}

#[test]
fn what_does_not_come_up_brings_the_old_data_back_and_leaves_nothing() {
    let plan = plan_of(HOST);
    let system = machine(&plan);
    let before = system.listing();
    system.break_unit(UNIT);
    let stop = run(&plan, &system, What::Restore, &[]).unwrap_err();
    assert!(
        matches!(&stop, Stop::Refused(because) if because.contains("Job for podman-pg.service failed.")),
        "{stop:?}"
    );
    assert_eq!(holds(&system), ["new"; 3]);
    assert_eq!(journals(&system), Vec::<String>::new());
    let after = system.listing();
    let after: Vec<&str> = after
        .lines()
        .filter(|line| !line.starts_with("/run/receipts/restores "))
        .collect();
    assert_eq!(after, before.lines().collect::<Vec<_>>());
}

#[test]
fn what_was_begun_is_not_mixed_with_another_wish_and_can_be_given_up() {
    let plan = plan_of(HOST);
    let system = machine(&plan);
    // After the journal was written, so that making the snapshot fails, and so does clearing up.
    let mut stop = 3;
    while journals(&system).is_empty() {
        system.fail_from(Some(stop));
        run(&plan, &system, What::Restore, &[]).unwrap_err();
        stop += 1;
    }
    system.fail_from(None);
    for (what, volumes) in [
        (What::Restore, &["uploads"][..]),
        (What::Undo, &[]),
        (What::ForgetUndo, &[]),
        (What::Estimate, &[]),
    ] {
        let refused = run(&plan, &system, what, volumes).unwrap_err();
        assert!(
            matches!(&refused, Stop::Refused(because) if because.contains("was begun and not ended")),
            "{refused:?}"
        );
    }
    let report = run(&plan, &system, What::Abandon, &[]).unwrap();
    assert_eq!(report.outcome, Outcome::Abandoned);
    assert_eq!(holds(&system), ["new"; 3]);
    assert!(journals(&system).is_empty());
    assert!(
        !system.listing().contains(".podman-btrfs-undo-"),
        "{}",
        system.listing()
    );
    run(&plan, &system, What::Continue, &[]).unwrap_err();
}
