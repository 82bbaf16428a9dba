//! `apply` never begins a volume anew beside its data: on a machine in memory, run after run.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{HOST, plan_of};
use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::receipt::{Receipt, State};
use podman_btrfs_host::system::System;
use podman_btrfs_host::system::fake::FakeSystem;

const PLACES: &str = "/var/lib/podman-btrfs/receipts/places.json";
const TOP: &str = "/run/podman-btrfs/tank";
const UPLOADS: &str = "@volumes/shop/uploads";

fn run(declaration: &str, system: &FakeSystem) -> Receipt {
    let options = Options {
        dry_run: false,
        devices: BTreeMap::new(),
        work_directory: "/run/podman-btrfs".into(),
        places: Some(PLACES.into()),
    };
    apply(&plan_of(declaration), system, &options, &mut |_| ())
}

/// A machine that holds the declaration, with a file in `shop/uploads`.
fn machine() -> FakeSystem {
    let system = FakeSystem::with_directories(&["/", "/run", "/var"]);
    assert!(run(HOST, &system).is_complete());
    system.put_file(&format!("{TOP}/{UPLOADS}/picture"));
    system
}

/// Its uploads with a limit, so in a subvolume of their own.
fn limited() -> String {
    let old = r#""uploads": {"mounts": {"web": "/uploads"}}"#;
    assert!(HOST.contains(old));
    HOST.replace(
        old,
        r#""uploads": {"mounts": {"web": "/uploads"}, "limit": "1G"}"#,
    )
}

fn renamed() -> String {
    HOST.replace(r#""shop": {"#, r#""store": {"renamedFrom": "shop","#)
}

fn is_there(system: &FakeSystem, path: &str) -> bool {
    system.look(&Path::new(TOP).join(path)).unwrap().is_some()
}

fn refusal<'a>(receipt: &'a Receipt, action: &str) -> Option<&'a str> {
    let step = receipt.steps.iter().find(|step| step.action == action)?;
    match &step.state {
        State::Refused(because) => Some(because),
        State::Already | State::Wanted | State::Done | State::Failed(_) => None,
    }
}

#[test]
fn a_volume_whose_place_changed_is_not_begun_anew_however_often_it_is_tried() {
    let system = machine();
    for _ in 0..3 {
        let receipt = run(&limited(), &system);
        let because = refusal(&receipt, "make a place for shop/uploads");
        assert!(
            because.is_some_and(|because| because.contains(UPLOADS)),
            "{receipt:#?}"
        );
        assert!(!is_there(&system, "@volumes/shop+uploads"));
    }
    assert!(is_there(&system, "@volumes/shop/uploads/picture"));
}

#[test]
fn all_else_is_made_in_the_same_run() {
    let system = machine();
    let more = r#""volumes": {"more": {"mounts": {"web": "/more"}},"#;
    let declaration = limited().replacen(r#""volumes": {"#, more, 1);
    assert!(!run(&declaration, &system).is_complete());
    assert!(is_there(&system, "@volumes/shop/more"));
}

#[test]
fn once_it_is_moved_by_hand_the_new_place_is_what_is_known() {
    let system = machine();
    run(&limited(), &system);
    let moved = Path::new(TOP).join("@volumes/shop+uploads");
    system.create_subvolume(&moved).unwrap();
    system.put_file(&moved.join("picture").to_string_lossy());
    assert!(run(&limited(), &system).is_complete());
    let known = system.read(Path::new(PLACES)).unwrap().unwrap_or_default();
    assert!(known.contains("@volumes/shop+uploads"), "{known}");
}

#[test]
fn a_renamed_workload_gets_no_empty_subvolume_beside_its_own() {
    let system = machine();
    let receipt = run(&renamed(), &system);
    let because = refusal(&receipt, "make a place for store/uploads");
    assert!(
        because.is_some_and(|because| because.contains(UPLOADS)),
        "{receipt:#?}"
    );
    assert!(!is_there(&system, "@volumes/store"));
}

#[test]
fn an_empty_place_is_not_data() {
    let system = FakeSystem::with_directories(&["/", "/run", "/var"]);
    run(HOST, &system);
    assert!(run(&limited(), &system).is_complete());
    assert!(is_there(&system, "@volumes/shop+uploads"));
}

#[test]
fn where_what_was_kept_cannot_be_understood_nothing_new_is_made_and_the_old_stays() {
    for text in ["", "{", r#"{"placesVersion": 2, "volumes": {}}"#] {
        let system = machine();
        system.write(Path::new(PLACES), text).unwrap();
        assert!(run(HOST, &system).is_complete(), "all of it was there");
        let receipt = run(&limited(), &system);
        let because = refusal(&receipt, "make a place for shop/uploads");
        assert!(
            because.is_some_and(|because| because.contains(PLACES)),
            "{receipt:#?}"
        );
        let kept = system.read(Path::new(PLACES)).unwrap();
        assert_eq!(
            kept.as_deref(),
            Some(text),
            "it is left for a person to look at"
        );
    }
}
