//! What `doctor` says on a machine that has nothing of the plan. A real filesystem is in the tests of the host crate.

mod common;

use common::{directory_with, run, scenarios};
use serde_json::Value;

/// A plan whose filesystem no machine has: other tests make disks with the labels of scenarios while this one runs.
fn plan() -> String {
    let file = scenarios().join("raid1-server/plan.json");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let place = "/dev/disk/by-label/";
    assert!(
        text.contains(place),
        "the scenario names its disks otherwise"
    );
    text.replace(place, "/dev/disk/by-label/nobody-has-")
}

fn doctor(arguments: &[&str]) -> common::Run {
    let folder = directory_with("plan.json", plan());
    let all: Vec<&str> = [&["doctor", "plan.json"], arguments].concat();
    run(folder.path(), &all)
}

#[test]
fn what_is_otherwise_is_told_by_remedy_with_counts_at_the_end() {
    let records = directory_with("other", "");
    let shown = doctor(&["--receipts", &records.path().to_string_lossy()]);
    assert_eq!(shown.code, 1, "{}", shown.shown());
    let begins = "only a person may decide this:\n  error PB821  ";
    assert!(shown.stdout.starts_with(begins), "{}", shown.stdout);
    let applied = "\n`apply` has not run yet, as far as its records tell\n";
    assert!(shown.stdout.contains(applied), "{}", shown.stdout);
    let last = shown.stdout.lines().last().unwrap_or_default();
    assert!(
        last.contains(" differences: ") && last.contains(" error"),
        "{last}"
    );
}

#[test]
fn programs_are_told_what_differs_and_what_was_seen() {
    let shown = doctor(&["--format", "json"]);
    assert_eq!(shown.code, 1, "{}", shown.shown());
    let document: Value = serde_json::from_str(&shown.stdout).unwrap_or_default();
    let found = document["drift"].as_array().cloned().unwrap_or_default();
    let of = |code: &str| found.iter().find(|one| one["code"] == code).cloned();
    let device = of("PB821").unwrap_or_default();
    assert_eq!(device["level"], "error");
    assert_eq!(device["remedy"], "person");
    assert!(document["observed"]["filesystems"].is_object());
}

#[test]
fn a_level_that_the_declaration_gives_holds_on_the_host() {
    let mut plan: Value = serde_json::from_str(&plan()).unwrap_or_default();
    let codes = (820..=846).map(|number| (format!("PB{number}"), "note".into()));
    plan["levels"] = Value::Object(codes.collect());
    let folder = directory_with("plan.json", plan.to_string());
    let shown = run(folder.path(), &["doctor", "plan.json"]);
    assert_eq!(shown.code, 0, "notes alone: {}", shown.shown());
    assert!(shown.stdout.contains("  note  PB821  "), "{}", shown.stdout);
    plan["levels"]["PB821"] = "allow".into();
    let folder = directory_with("plan.json", plan.to_string());
    let shown = run(folder.path(), &["doctor", "plan.json"]);
    assert!(!shown.stdout.contains("PB821"), "{}", shown.stdout);
}
