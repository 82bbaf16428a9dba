//! Every directory of `tests/diffs`: what is told of a change, and how it ends.

#![allow(
    clippy::needless_raw_string_hashes,
    clippy::unwrap_used,
    reason = "`expect!` writes its texts with hashes; helpers are not known as tests"
)]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::{directory_with, run, scenarios};
use expect_test::expect;
use podman_btrfs_core::diff::{Kind, Severity};

/// Kinds that no two declarations of today lead to.
const UNREACHED: &[Kind] = &[
    // Mounts, directories and settings that no option moves apart from what is told already.
    Kind::OtherSubvolume,
    Kind::OtherPlace,
    Kind::SnapshotsMoved,
    // The test of the tables in the core keeps it from ever being told.
    Kind::NotUnderstood,
];

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/diffs");
    let mut found: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

#[test]
fn every_change_is_told_as_expected() {
    let mut differ = Vec::new();
    for case in cases() {
        let shown = run(&case, &["diff", "old.nix", "new.nix"]).shown();
        let expected = case.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &shown).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != shown {
            differ.push(format!("{}:\n{shown}", case.display()));
        }
    }
    assert!(
        differ.is_empty(),
        "UPDATE=1 writes it anew\n{}",
        differ.join("\n")
    );
}

#[test]
fn every_kind_and_every_severity_is_shown_by_a_case() {
    let mut kinds = BTreeSet::new();
    for case in cases() {
        let shown = run(&case, &["diff", "old.nix", "new.nix", "--format", "json"]);
        let value: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
        let all = value["differences"].as_array().unwrap();
        for difference in all {
            kinds.insert(serde_json::from_value::<Kind>(difference["kind"].clone()).unwrap());
        }
        let gravest = all.iter().map(|it| it["severity"].clone());
        let gravest = gravest
            .map(|it| serde_json::from_value::<Severity>(it).unwrap())
            .max();
        let needs = gravest.is_some_and(Severity::needs_a_person);
        assert_eq!(shown.code, i32::from(needs), "{}", case.display());
    }
    let missing: Vec<&Kind> = Kind::ALL
        .iter()
        .filter(|kind| !kinds.contains(kind) && !UNREACHED.contains(kind))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
    let stale: Vec<&Kind> = UNREACHED
        .iter()
        .filter(|kind| kinds.contains(kind))
        .collect();
    assert!(stale.is_empty(), "a case shows {stale:?}");
    let severities: BTreeSet<Severity> = kinds.iter().map(|kind| kind.severity()).collect();
    assert_eq!(severities.len(), Severity::ALL.len(), "{severities:?}");
}

#[test]
fn the_rule_of_every_kind_has_a_page() {
    for kind in Kind::ALL {
        let known = kind
            .rule()
            .is_none_or(|code| podman_btrfs_core::rules::find(code).is_some());
        assert!(known, "{kind:?}");
    }
}

#[test]
fn a_scenario_differs_in_nothing_from_itself_whatever_it_is_read_from() {
    let plan = scenarios().join("raid1-server/plan.json");
    let plan = plan.to_str().unwrap();
    let nix = scenarios().join("raid1-server");
    let bundle = run(&nix, &["plan", "--format", "bundle", "host.nix"]).stdout;
    let directory = directory_with("bundle.json", bundle);
    let host = nix.join("host.nix");
    for (old, new) in [
        (plan, "bundle.json"),
        ("bundle.json", host.to_str().unwrap()),
        (host.to_str().unwrap(), plan),
    ] {
        let run = run(directory.path(), &["diff", old, new]);
        assert_eq!(
            (run.stdout.as_str(), run.code),
            ("nothing differs\n", 0),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn what_cannot_be_compared_is_told() {
    let directory = directory_with("old.nix", "{ workloads.shop.filesystem = \"x\"; }");
    std::fs::write(directory.path().join("plan.json"), "{\"planVersion\": 99}").unwrap();
    std::fs::write(directory.path().join("fine.nix"), "{ }").unwrap();
    let mistaken = run(directory.path(), &["diff", "fine.nix", "old.nix"]);
    assert_eq!(mistaken.code, 1);
    assert!(mistaken.stderr.contains("PB106"), "{}", mistaken.stderr);
    expect![[r#"
        --- stderr
        PB101

          × this helper reads plans of version 1, and this one says 99
          help: plan again with this version of podman-btrfs

        1 error in plan.json; `podman-btrfs explain CODE` tells more
        --- exit 1
    "#]]
    .assert_eq(&run(directory.path(), &["diff", "plan.json", "fine.nix"]).shown());
    expect![[r#"
        --- stderr
        podman-btrfs: cannot read gone.nix: No such file or directory (os error 2)
        --- exit 2
    "#]]
    .assert_eq(&run(directory.path(), &["diff", "gone.nix", "fine.nix"]).shown());
}
