//! What `status` says on a machine that has nothing of the plan, and its text on a real Btrfs. The sizes are in the tests of the host crate.

mod common;

use std::path::Path;

use common::{directory_with, run, scenarios};
use serde_json::Value;

fn status(receipts: &Path, more: &[&str]) -> common::Run {
    // A plan whose filesystem no machine has.
    let plan = scenarios().join("raid1-server/plan.json");
    let (plan, receipts) = (plan.to_string_lossy(), receipts.to_string_lossy());
    let all: Vec<&str> = [&["status", &*plan, "--receipts", &*receipts], more].concat();
    run(Path::new("/"), &all)
}

#[test]
fn what_cannot_be_found_out_is_unknown_and_told() {
    let records = directory_with("other", "");
    let shown = status(records.path(), &["--record"]);
    assert_eq!(shown.code, 1, "{}", shown.shown());
    let text = &shown.stdout;
    assert!(
        text.contains("how its space is given out is unknown"),
        "{text}"
    );
    assert!(
        text.contains("`apply` has not run yet, as far as its records tell\n"),
        "{text}"
    );
    assert!(!text.contains(" 0 B"), "what is unknown is not 0: {text}");
    let stderr = &shown.stderr;
    assert!(
        stderr.contains("unknown: ") && stderr.contains(": sizes: "),
        "{stderr}"
    );
    assert!(stderr.contains("nothing is recorded: "), "{stderr}");
    let kept = records.path().join("space.jsonl");
    assert!(!kept.exists(), "nothing is known, and so nothing recorded");
}

#[test]
fn programs_are_told_why_it_is_unknown() {
    let records = directory_with("other", "");
    let shown = status(records.path(), &["--format", "json"]);
    assert_eq!(shown.code, 1, "{}", shown.shown());
    let document: Value = serde_json::from_str(&shown.stdout).unwrap_or_default();
    assert_eq!(document["statusVersion"], 1);
    let filesystems = document["filesystems"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    assert!(!filesystems.is_empty());
    for of in filesystems.values() {
        assert!(of["space"]["unknown"].is_string(), "{of:#}");
        assert!(of["sizes"]["unknown"].is_string(), "{of:#}");
        assert_eq!(of["growth"], Value::Null);
    }
    assert!(
        document["workloads"]
            .as_object()
            .is_some_and(|all| !all.is_empty())
    );
}

#[test]
fn a_ledger_and_records_that_are_not_understood_are_told_and_left_alone() {
    let records = directory_with("ledger.json", "{");
    let file = records.path().join("space.jsonl");
    let written = std::fs::write(&file, "{\"at\": 17\n");
    assert!(written.is_ok());
    let shown = status(records.path(), &["--record"]);
    assert_eq!(shown.code, 1, "{}", shown.shown());
    let stderr = &shown.stderr;
    assert!(stderr.contains("what was left: the ledger "), "{stderr}");
    assert!(
        stderr.contains("1 of its lines are not understood"),
        "{stderr}"
    );
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, "{\"at\": 17\n");
}

#[test]
fn what_drills_have_shown_is_told_with_its_age() {
    let drills = r#"{"version": 1, "copies": {"shop": {
      "nas": {
        "tried": {"when": 1767229200, "seconds": 9, "point": "b", "taken": 1767225600, "outcome": "failed",
          "findings": [{"kind": "damaged", "volume": "pgdata", "message": "x"}, {"kind": "too-old", "volume": null, "message": "y"}]},
        "proven": {"when": 1767139200, "seconds": 9, "point": "a", "taken": 1767132000}},
      "gone": {
        "tried": {"when": 5, "seconds": 9, "point": "a", "taken": 4, "outcome": "proven", "findings": []},
        "proven": {"when": 5, "seconds": 9, "point": "a", "taken": 4}}
    }}}"#;
    let records = directory_with("drills.json", drills);
    let shown = status(records.path(), &["--format", "json"]);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap_or_default();
    let never = serde_json::json!({"proven": null, "taken": null, "tried": null, "found": []});
    let tried = serde_json::json!({
        "proven": 1_767_139_200, "taken": 1_767_132_000, "tried": 1_767_229_200, "found": ["too-old", "damaged"]
    });
    let wanted = serde_json::json!({
        "media": {"host": never, "nas": never}, "shop": {"host": never, "nas": tried}
    });
    assert_eq!(document["restores"]["known"], wanted, "{}", shown.shown());
    let shown = status(records.path(), &[]);
    let words: Vec<&str> = shown.stdout.split_whitespace().collect();
    let text = words.join(" ");
    for told in [
        "shop: from host never drilled; from nas proven ",
        " ago, by a snapshot that was 2 h old, and the last drill, ",
        " ago, found: too-old, damaged",
        "never drilled: 1 copy",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let records = directory_with("drills.json", "{");
    let shown = status(records.path(), &[]);
    assert_eq!(shown.code, 1, "{}", shown.shown());
    assert!(
        shown.stderr.contains("proven restores: ") && shown.stderr.contains("move it away"),
        "{}",
        shown.shown()
    );
}

#[test]
fn the_simulation_beside_the_plan_is_shown() {
    let plan =
        std::fs::read_to_string(scenarios().join("raid1-server/plan.json")).unwrap_or_default();
    let folder = directory_with("plan.json", &plan);
    let parsed: Value = serde_json::from_str(&plan).unwrap_or_default();
    let names = parsed["filesystems"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let name = names.keys().next().cloned().unwrap_or_default();
    let simulated = serde_json::json!({
        "begin": "2027-01-01", "days": 366, "filesystems": {name: {"fullOnDay": 212, "notSaid": ["a"]}}
    });
    let file = folder.path().join("simulation.json");
    assert!(std::fs::write(&file, simulated.to_string()).is_ok());
    let shown = run(
        folder.path(),
        &["status", "plan.json", "--receipts", "none"],
    );
    let told = "simulated from 2027-01-01 on, from the declared sizes, without what is not declared (1 option)";
    let text = shown
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(text.contains(told), "{}", shown.shown());
    assert!(
        text.contains("full beside its reserve on day 212"),
        "{}",
        shown.shown()
    );
    assert!(std::fs::write(&file, "{").is_ok());
    let shown = run(
        folder.path(),
        &["status", "plan.json", "--receipts", "none"],
    );
    assert!(
        shown.stderr.contains("simulation.json is not understood"),
        "{}",
        shown.shown()
    );
}
