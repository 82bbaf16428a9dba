use std::fmt::Write as _;
use std::path::Path;

use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::spec::input::parse_json;

use super::*;
use crate::system::fake::FakeSystem;

const RECEIPTS: &str = "/var/lib/podman-btrfs/receipts";

fn planned(tool: &str) -> Plan {
    let declared = r#"{
      "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "/srv/tank"}},
      "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}, "tool": "TOOL"}},
      "workloads": {"shop": {
        "containers": {"web": {}},
        "protection": {"policy": "hourly"},
        "volumes": {"uploads": {"mounts": {"web": "/uploads"}}}
      }}
    }"#;
    plan::build(&parse_json(&declared.replace("TOOL", tool)).unwrap())
}

/// A machine with the mounts of a plan, and no program.
fn mounted(plan: &Plan, extra: &[&str]) -> FakeSystem {
    let system = FakeSystem::with_directories(extra);
    let mut text = "1 0 8:1 / / rw - ext4 /dev/root rw\n".to_owned();
    let mounts = plan.filesystems.values().flat_map(|one| &one.mounts);
    for (number, mount) in (2..).zip(mounts) {
        let (root, point) = (&mount.subvolume, &mount.mount_point);
        let outer = if point.as_str() == "/srv/tank" || number == 2 {
            1
        } else {
            2
        };
        let _ = writeln!(
            text,
            "{number} {outer} 0:45 /{root} {point} rw - btrfs /dev/a rw"
        );
    }
    system
        .write(Path::new("/proc/self/mountinfo"), &text)
        .unwrap();
    system
}

fn text_of(plan: &Plan, system: &FakeSystem) -> String {
    collect(plan, system, Path::new(RECEIPTS)).metrics.text()
}

#[test]
fn what_cannot_be_found_out_is_named_and_has_no_value() {
    let plan = planned("btrbk");
    let nothing = FakeSystem::with_directories(&[]);
    let text = text_of(&plan, &nothing);
    assert!(
        text.contains(r#"podman_btrfs_unknown{filesystem="",what="mounts"} 1"#),
        "{text}"
    );

    let unmounted = FakeSystem::with_directories(&[]);
    let root = "1 0 8:1 / / rw - ext4 /dev/root rw\n";
    unmounted
        .write(Path::new("/proc/self/mountinfo"), root)
        .unwrap();
    let text = text_of(&plan, &unmounted);
    assert!(text.contains(r#"what="mount"} 1"#), "{text}");
    assert!(text.contains(r#"what="snapshots in "#), "{text}");

    let without_programs = text_of(&plan, &mounted(&plan, &[]));
    for what in ["space", "devices", "scrub"] {
        assert!(
            without_programs.contains(&format!(r#"what="{what}"}} 1"#)),
            "{without_programs}"
        );
    }
    for text in [text, without_programs] {
        for absent in [
            "_bytes",
            "_errors",
            "podman_btrfs_snapshots{",
            "newest",
            "podman_btrfs_apply",
        ] {
            assert!(!text.contains(absent), "{absent}: {text}");
        }
        // Of differences there may be none of a kind; what is unknown is one of them.
        let mut values = text
            .lines()
            .filter(|line| !line.starts_with("podman_btrfs_drift{"));
        assert!(!values.any(|line| line.ends_with(" 0")), "{text}");
        let unknown = r#"podman_btrfs_drift{level="warn",remedy="person"} "#;
        let line = text.lines().find_map(|line| line.strip_prefix(unknown));
        assert!(line.is_some_and(|count| count != "0"), "{text}");
    }
}

#[test]
fn no_snapshot_is_known_and_is_not_the_same_as_unknown() {
    let plan = planned("btrbk");
    let directory = plan.protection.jobs[0].snapshot_directory.as_str();
    let series = &plan.protection.jobs[0].subvolumes[0].name;
    let value = |text: &str, name: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{name}{{")))?;
        line.rsplit_once(' ')?.1.parse::<u64>().ok()
    };
    let system = mounted(&plan, &[directory]);
    let text = text_of(&plan, &system);
    assert_eq!(value(&text, "podman_btrfs_snapshots"), Some(0), "{text}");
    assert_eq!(
        value(&text, "podman_btrfs_snapshot_newest_timestamp_seconds"),
        None
    );
    assert_eq!(
        value(&text, "podman_btrfs_snapshot_interval_seconds"),
        Some(3600)
    );

    for stamp in [
        "20261123T110000+0000",
        "20261123T130000+0100",
        "20261123T113000+0000",
    ] {
        let path = format!("{directory}/{series}.{stamp}");
        system.create_subvolume(Path::new(&path)).unwrap();
    }
    // Newer, and nothing that could be restored; and somebody else's.
    let path = format!("{directory}/{series}.20261123T140000+0000");
    system.create_directory(Path::new(&path)).unwrap();
    system
        .create_subvolume(Path::new(&format!(
            "{directory}/{series}x.20271123T140000+0000"
        )))
        .unwrap();
    let text = text_of(&plan, &system);
    assert_eq!(value(&text, "podman_btrfs_snapshots"), Some(4), "{text}");
    assert_eq!(
        value(&text, "podman_btrfs_snapshot_newest_timestamp_seconds"),
        Some(1_795_435_200),
        "{text}"
    );
}

#[test]
fn of_snapper_the_last_whole_snapshot_counts() {
    let plan = planned("snapper");
    let place = format!(
        "{}/.snapshots",
        plan.protection.jobs[0].subvolumes[0].host_path
    );
    let system = mounted(&plan, &[&place]);
    for (number, time) in [("9", "11:00:00"), ("10", "12:00:00")] {
        let one = format!("{place}/{number}");
        system.create_directory(Path::new(&one)).unwrap();
        system
            .create_subvolume(Path::new(&format!("{one}/snapshot")))
            .unwrap();
        let info = format!("<date>2026-11-23 {time}</date>");
        system
            .write(Path::new(&format!("{one}/info.xml")), &info)
            .unwrap();
    }
    // One that is being taken.
    system
        .create_directory(Path::new(&format!("{place}/11")))
        .unwrap();
    let text = text_of(&plan, &system);
    assert!(
        text.lines()
            .any(|line| line.starts_with("podman_btrfs_snapshot_newest")
                && line.ends_with(" 1795435200")),
        "{text}"
    );
}

#[test]
fn the_last_receipt_is_the_one_of_the_highest_number() {
    let plan = planned("btrbk");
    let system = mounted(
        &plan,
        &["/var", "/var/lib", "/var/lib/podman-btrfs", RECEIPTS],
    );
    let kept = |started: u64, state: crate::receipt::State| {
        let receipt = crate::receipt::Receipt {
            receipt_version: 1,
            started,
            finished: None,
            dry_run: false,
            steps: vec![crate::receipt::Step {
                filesystem: plan.filesystems.keys().next().unwrap().clone(),
                action: "make it".into(),
                state,
            }],
        };
        receipt.keep(&system, Path::new(RECEIPTS)).unwrap();
    };
    kept(999_999_999, crate::receipt::State::Done);
    for _ in 0..9 {
        kept(1_000_000_000, crate::receipt::State::Done);
    }
    kept(1_000_000_000, crate::receipt::State::Failed("no".into()));
    system.put_file(&format!("{RECEIPTS}/ledger.json"));
    let text = text_of(&plan, &system);
    for line in [
        "podman_btrfs_apply_timestamp_seconds 1000000000",
        "podman_btrfs_apply_first_timestamp_seconds 999999999",
        r#"podman_btrfs_apply_steps{state="failed"} 1"#,
        r#"podman_btrfs_apply_steps{state="done"} 0"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
}

/// Of what the plan has: a target that it no longer has says nothing of the copies that there are.
#[test]
fn drills_are_told_by_source_and_kind() {
    let plan = planned("btrbk");
    let system = mounted(
        &plan,
        &["/var", "/var/lib", "/var/lib/podman-btrfs", RECEIPTS],
    );
    let finding =
        |kind: &str| format!(r#"{{"kind": "{kind}", "volume": null, "message": "it is so"}}"#);
    let text = format!(
        r#"{{"version": 1, "copies": {{"shop": {{
          "host": {{
            "tried": {{"when": 9, "seconds": 1, "point": "b", "taken": 8, "outcome": "failed", "findings": [{}, {}, {}]}},
            "proven": {{"when": 7, "seconds": 1, "point": "a", "taken": 6}}}},
          "gone": {{
            "tried": {{"when": 3, "seconds": 1, "point": "a", "taken": 2, "outcome": "proven", "findings": []}},
            "proven": {{"when": 3, "seconds": 1, "point": "a", "taken": 2}}}}
        }}}}}}"#,
        finding("damaged"),
        finding("damaged"),
        finding("chain-broken"),
    );
    system.put_text(&format!("{RECEIPTS}/drills.json"), &text);
    let told = text_of(&plan, &system);
    let of_drills = |line: &&str| {
        line.starts_with("podman_btrfs_last_proven") || line.starts_with("podman_btrfs_drill")
    };
    assert_eq!(
        told.lines().filter(of_drills).collect::<Vec<_>>(),
        [
            r#"podman_btrfs_last_proven_restore_timestamp_seconds{workload="shop",source="host"} 7"#,
            r#"podman_btrfs_drill_failed{workload="shop",source="host",kind="chain-broken"} 1"#,
            r#"podman_btrfs_drill_failed{workload="shop",source="host",kind="damaged"} 1"#,
        ]
    );
    system.put_text(&format!("{RECEIPTS}/drills.json"), "{");
    let told = text_of(&plan, &system);
    assert!(told.contains(r#"what="drills"} 1"#), "{told}");
}

#[test]
fn what_no_drill_ever_showed_is_told_with_the_age_of_its_data() {
    const UNPROVEN: &str =
        r#"podman_btrfs_unproven_since_timestamp_seconds{workload="shop",source="host"} 50"#;
    let plan = planned("btrbk");
    let system = mounted(
        &plan,
        &["/var", "/var/lib", "/var/lib/podman-btrfs", RECEIPTS],
    );
    assert!(!text_of(&plan, &system).contains("unproven"));
    let entry = |since: u64| {
        format!(
            r#"{{"id": "00112233445566778899aabbccddeeff", "place": {{"filesystem": "tank", "path": "@volumes/shop"}}, "since": {since}, "was": []}}"#
        )
    };
    let ledger = format!(
        r#"{{"ledgerVersion": 1, "filesystems": {{}}, "volumes": {{"shop/new": {}, "shop/uploads": {}, "shop@2/uploads": {}}}, "left": []}}"#,
        entry(60),
        entry(50),
        entry(40)
    );
    system.put_text(&format!("{RECEIPTS}/ledger.json"), &ledger);
    let told = text_of(&plan, &system);
    assert!(told.lines().any(|line| line == UNPROVEN), "{told}");
    let drills = |proven: &str| {
        format!(
            r#"{{"version": 1, "copies": {{"shop": {{"host": {{
              "tried": {{"when": 9, "seconds": 1, "point": "b", "taken": 8, "outcome": "failed",
                "findings": [{{"kind": "damaged", "volume": null, "message": "it is so"}}]}},
              "proven": {proven}}}}}}}}}"#
        )
    };
    // One that failed shows nothing; one that once succeeded does.
    let file = format!("{RECEIPTS}/drills.json");
    system.put_text(&file, &drills("null"));
    let told = text_of(&plan, &system);
    assert!(told.lines().any(|line| line == UNPROVEN), "{told}");
    system.put_text(
        &file,
        &drills(r#"{"when": 7, "seconds": 1, "point": "a", "taken": 6}"#),
    );
    assert!(!text_of(&plan, &system).contains("unproven"));
    // What cannot be read says nothing, and hides nothing.
    system.put_text(&format!("{RECEIPTS}/ledger.json"), "{");
    let told = text_of(&plan, &system);
    assert!(told.contains(r#"kind="damaged"} 1"#), "{told}");
    assert!(told.contains(r#"what="drills"} 1"#), "{told}");
}
