//! `apply` never begins a volume anew beside its data: on a machine in memory, run after run.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{HOST, plan_of};
use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::ledger::{Ledger, Why};
use podman_btrfs_host::receipt::{Receipt, State};
use podman_btrfs_host::retire::{Request, retire};
use podman_btrfs_host::system::System;
use podman_btrfs_host::system::fake::FakeSystem;

const LEDGER: &str = "/var/lib/podman-btrfs/receipts/ledger.json";
const TOP: &str = "/run/podman-btrfs/tank";
const UPLOADS: &str = "@volumes/shop/uploads";

/// The machine's time, 1,790,000,000, in names of snapshots.
const STAMP: &str = "20260921T141320Z";

fn options() -> Options {
    Options {
        dry_run: false,
        devices: BTreeMap::new(),
        work_directory: "/run/podman-btrfs".into(),
        ledger: Some(LEDGER.into()),
        replaced: Vec::new(),
    }
}

fn run(declaration: &str, system: &FakeSystem) -> Receipt {
    apply(&plan_of(declaration), system, &options(), &mut |_| ())
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

/// The host without its shop; its policy keeps btrbk's place.
fn without_shop() -> String {
    let (before, rest) = HOST.split_once("\"shop\": {").unwrap();
    let (_, after) = rest.split_once("\"metrics\"").unwrap();
    let blog = r#""blog": {"containers": {"blog": {}}, "protection": {"policy": "hourly"}, "volumes": {"data": {"mounts": {"blog": "/data"}}}},"#;
    format!("{before}{blog} \"metrics\"{after}")
}

fn ledger(system: &FakeSystem) -> Ledger {
    Ledger::parse(&system.read(Path::new(LEDGER)).unwrap().unwrap()).unwrap()
}

fn is_quiet(receipt: &Receipt) -> bool {
    receipt
        .steps
        .iter()
        .all(|step| step.state == State::Already)
}

/// Without the ledger, whose times and identities differ from machine to machine.
fn listing(system: &FakeSystem) -> Vec<String> {
    let listing = system.listing();
    let lines = listing.lines().filter(|line| !line.contains("ledger.json"));
    lines.map(str::to_owned).collect()
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
    let known = system.read(Path::new(LEDGER)).unwrap().unwrap_or_default();
    assert!(known.contains("@volumes/shop+uploads"), "{known}");
}

#[test]
fn a_renamed_workload_takes_its_data_and_its_ledger_along() {
    let system = machine();
    let receipt = run(&renamed(), &system);
    assert!(receipt.is_complete(), "{receipt:#?}");
    assert!(is_there(&system, "@volumes/store/uploads/picture"));
    assert!(!is_there(&system, "@volumes/shop"));
    let known = ledger(&system).volumes;
    assert!(
        known.contains_key("store/uploads") && !known.contains_key("shop/uploads"),
        "{known:#?}"
    );
    assert!(is_quiet(&run(&renamed(), &system)));
}

#[test]
fn a_declaration_that_is_rolled_back_takes_the_renaming_back() {
    let system = machine();
    let before = listing(&system);
    assert!(run(&renamed(), &system).is_complete());
    let receipt = run(HOST, &system);
    assert!(receipt.is_complete(), "{receipt:#?}");
    assert_eq!(listing(&system), before);
    assert!(ledger(&system).left.is_empty());
    assert!(is_quiet(&run(HOST, &system)));
    assert!(run(&renamed(), &system).is_complete(), "and forward again");
    assert!(is_there(&system, "@volumes/store/uploads/picture"));
}

#[test]
fn a_rename_to_a_place_where_something_lies_is_refused_and_both_stay() {
    let system = machine();
    let top = Path::new(TOP);
    system
        .create_subvolume(&top.join("@volumes/store"))
        .unwrap();
    let receipt = run(&renamed(), &system);
    let because = refusal(
        &receipt,
        "rename the subvolume @volumes/shop to @volumes/store",
    );
    assert!(
        because.is_some_and(|because| because.contains("both are there")),
        "{receipt:#?}"
    );
    assert!(is_there(&system, "@volumes/shop/uploads/picture"));
    assert!(!is_there(&system, "@volumes/store/uploads"));
}

#[test]
fn what_is_no_longer_declared_stays_with_a_last_snapshot_and_comes_back_as_it_was() {
    let system = machine();
    let receipt = run(&without_shop(), &system);
    assert!(receipt.is_complete(), "{receipt:#?}");
    assert!(is_there(&system, "@volumes/shop/uploads/picture"));
    let last = format!("@snapshots/.podman-btrfs-last/shop.{STAMP}");
    assert!(
        is_there(&system, &format!("{last}/uploads/picture")),
        "{}",
        system.listing()
    );
    assert!(is_quiet(&run(&without_shop(), &system)));
    assert_eq!(ledger(&system).left.len(), 3);

    assert!(run(HOST, &system).is_complete());
    assert!(is_there(&system, "@volumes/shop/uploads/picture"));
    let left = ledger(&system).left;
    let of_shop = left.iter().filter(|left| left.volume.starts_with("shop/"));
    assert!(
        of_shop.clone().all(|left| left.why == Why::SnapshotOnly),
        "{left:#?}"
    );
    assert_eq!(of_shop.count(), 3);
    assert!(is_quiet(&run(HOST, &system)));
}

#[test]
fn a_cache_that_is_declared_as_one_is_begun_anew_and_the_old_one_left() {
    let of = |more: &str| {
        let cache =
            format!(r#""uploads": {{"class": "cache", {more} "mounts": {{"web": "/uploads"}}}}"#);
        HOST.replace(r#""uploads": {"mounts": {"web": "/uploads"}}"#, &cache)
    };
    let system = FakeSystem::with_directories(&["/", "/run", "/var"]);
    assert!(run(&of(r#""snapshot": true,"#), &system).is_complete());
    system.put_file(&format!("{TOP}/{UPLOADS}/thumbnail"));
    let receipt = run(&of(""), &system);
    assert!(receipt.is_complete(), "{receipt:#?}");
    assert!(is_there(&system, "@volumes/shop+uploads"));
    assert!(is_there(&system, "@volumes/shop/uploads/thumbnail"));
    let left = &ledger(&system).left;
    assert_eq!((left.len(), left[0].why), (1, Why::BegunAnew));
}

#[test]
fn another_filesystem_at_the_same_device_gets_nothing_until_somebody_says_so() {
    let system = machine();
    let other = ledger(&system);
    let text = serde_json::to_string(&other)
        .unwrap()
        .replace("fake-uuid", "former-uuid");
    system.write(Path::new(LEDGER), &text).unwrap();
    let before = system.listing();
    let receipt = run(HOST, &system);
    let because = refusal(&receipt, "look for its volumes");
    assert!(
        because.is_some_and(|because| because.contains("--replaced tank")),
        "{receipt:#?}"
    );
    assert_eq!(system.listing(), before);
    let options = Options {
        replaced: vec![other.filesystems.keys().next().unwrap().clone()],
        ..options()
    };
    assert!(apply(&plan_of(HOST), &system, &options, &mut |_| ()).is_complete());
}

#[test]
fn another_volume_at_a_planned_place_is_told_and_left() {
    let system = machine();
    let uploads = Path::new(TOP).join(UPLOADS);
    let marker = "1 00000000000000000000000000000abc blog/data";
    system.set_marker(&uploads, marker).unwrap();
    let receipt = run(HOST, &system);
    let because = refusal(&receipt, "mark shop/uploads as itself");
    assert!(
        because.is_some_and(|because| because.contains("blog/data")),
        "{receipt:#?}"
    );
    assert_eq!(system.marker(&uploads).unwrap().as_deref(), Some(marker));
}

#[test]
fn an_empty_place_is_not_data() {
    let system = FakeSystem::with_directories(&["/", "/run", "/var"]);
    run(HOST, &system);
    assert!(run(&limited(), &system).is_complete());
    assert!(is_there(&system, "@volumes/shop+uploads"));
}

#[test]
fn where_the_ledger_cannot_be_understood_nothing_is_changed_and_it_stays_for_a_person_to_look_at() {
    for text in ["", "{", r#"{"ledgerVersion": 2, "volumes": {}}"#] {
        let system = machine();
        system.write(Path::new(LEDGER), text).unwrap();
        let before = system.listing();
        let receipt = run(HOST, &system);
        let because = refusal(&receipt, "read the ledger");
        assert!(
            because.is_some_and(|because| because.contains(LEDGER)),
            "{receipt:#?}"
        );
        let failed = receipt.count(|state| matches!(state, State::Failed(_)));
        assert_eq!(
            failed, 0,
            "containers whose volumes are there start: {receipt:#?}"
        );
        let more = limited().replacen(
            r#""volumes": {"#,
            r#""volumes": {"more": {"mounts": {"web": "/more"}},"#,
            1,
        );
        run(&more, &system);
        assert_eq!(system.listing(), before);
        assert_eq!(
            system.read(Path::new(LEDGER)).unwrap().as_deref(),
            Some(text)
        );
    }
}

const DAY: u64 = 24 * 60 * 60;

fn ended(system: &FakeSystem, declaration: &str, name: &str, now: bool) -> Receipt {
    let request = Request {
        name: name.into(),
        now,
        dry_run: false,
        not_used_by: Vec::new(),
        ledger: LEDGER.into(),
        work_directory: "/run/podman-btrfs".into(),
    };
    retire(&plan_of(declaration), &request, system).unwrap()
}

#[test]
fn what_was_left_is_ended_by_name_after_its_grace_time_and_nothing_else() {
    let system = machine();
    run(&without_shop(), &system);
    let early = ended(&system, &without_shop(), "shop", false);
    assert_eq!(
        early.count(|state| matches!(state, State::Refused(_))),
        3,
        "{early:#?}"
    );
    assert!(is_there(&system, "@volumes/shop/uploads/picture"));

    let by_hand: Vec<_> = ledger(&system)
        .left
        .iter()
        .map(|left| left.grace_until)
        .collect();
    assert!(
        by_hand
            .iter()
            .all(|until| *until == system.now() + 30 * DAY)
    );
    let done = ended(&system, &without_shop(), "shop", true);
    assert!(done.is_complete(), "{done:#?}");
    assert!(
        !system.listing().contains("@volumes/shop"),
        "{}",
        system.listing()
    );
    assert!(
        !system.listing().contains("last/shop"),
        "{}",
        system.listing()
    );
    assert!(is_there(&system, "@volumes/metrics+samples"));
    assert!(ledger(&system).left.is_empty());
    assert!(
        ended(&system, &without_shop(), "shop", true)
            .steps
            .is_empty()
    );
    assert!(
        ended(&system, &without_shop(), "metrics", true)
            .steps
            .is_empty(),
        "it is declared"
    );
}

#[test]
fn what_cannot_be_shown_to_be_ours_is_not_ended() {
    let system = machine();
    run(&without_shop(), &system);
    let uploads = Path::new(TOP).join(UPLOADS);
    system
        .set_marker(&uploads, "1 00000000000000000000000000000abc blog/data")
        .unwrap();
    let receipt = ended(&system, &without_shop(), "shop/uploads", true);
    assert_eq!(receipt.steps.len(), 1);
    assert!(
        matches!(&receipt.steps[0].state, State::Refused(because) if because.contains("blog/data")),
        "{receipt:#?}"
    );
    assert!(is_there(&system, "@volumes/shop/uploads/picture"));
}

#[test]
fn an_end_that_stopped_anywhere_goes_on_where_it_stopped() {
    let undisturbed = machine();
    run(&without_shop(), &undisturbed);
    undisturbed.fail_from(None);
    ended(&undisturbed, &without_shop(), "shop", true);
    for stop in 1..=undisturbed.changes() {
        let system = machine();
        run(&without_shop(), &system);
        system.fail_from(Some(stop));
        let plan = plan_of(&without_shop());
        let request = Request {
            name: "shop".into(),
            now: true,
            dry_run: false,
            not_used_by: Vec::new(),
            ledger: LEDGER.into(),
            work_directory: "/run/podman-btrfs".into(),
        };
        drop(retire(&plan, &request, &system));
        system.fail_from(None);
        let again = ended(&system, &without_shop(), "shop", true);
        assert!(again.is_complete(), "after a stop at {stop}: {again:#?}");
        assert_eq!(
            listing(&system),
            listing(&undisturbed),
            "after a stop at {stop}"
        );
    }
}
