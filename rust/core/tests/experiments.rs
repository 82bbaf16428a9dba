//! The measured chapter and the rules speak of the same attributes: what was measured as *planned* is what is
//! planned now. When this fails, measure again: `checks/experiments/run --record`.
//!
//! Pages quote the ratios in a fenced block opened by three backticks, `experiment` and the name;
//! `UPDATE=1 cargo test -p podman-btrfs-core --test experiments` fills them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "tests may end when something is not as it must be, read the results and write pages"
)]

mod pages;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use podman_btrfs_core::plan;
use podman_btrfs_core::spec::input::parse_json;
use podman_btrfs_core::units::Text;
use podman_btrfs_core::units::{FilesystemName, VolumeName, WorkloadName};
use serde_json::{Value, json};

const RESULTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/experiments/results.json"
);
const OPEN: &str = "```experiment ";

/// Each arm of ours, and the one that differs from it only by our attributes.
const PAIRS: [(&str, &str); 2] = [
    ("planned", "btrfs"),
    ("planned, snapshots", "btrfs, snapshots"),
];

fn results() -> Value {
    serde_json::from_str(&std::fs::read_to_string(RESULTS).unwrap()).unwrap()
}

/// What the plan gives the volume of a recorded declaration, in the record's words.
fn planned(declaration: &Value) -> Value {
    let spec = parse_json(&declaration.to_string()).unwrap();
    let plan = plan::build(&spec);
    let volume = &plan.workloads[&WorkloadName::parse("app").unwrap()].instances[0].volumes
        [&VolumeName::parse("data").unwrap()];
    let filesystem = &plan.filesystems[&FilesystemName::parse("tank").unwrap()];
    json!({
        "mount_options": filesystem.mount_options,
        "copy_on_write": volume.copy_on_write,
        "compression": volume.compression,
        "declaration": declaration,
    })
}

/// The ratios of the rounds, as `median (lowest–highest)`.
fn ratio(arms: &Value, ours: &str, theirs: &str, measure: &str) -> String {
    let rounds = |arm: &str| arms[arm][measure].as_array().expect("rounds").clone();
    let mut ratios: Vec<f64> = rounds(ours)
        .iter()
        .zip(rounds(theirs))
        .map(|(one, other)| one.as_f64().unwrap() / other.as_f64().unwrap())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let (first, last) = (ratios[0], ratios[ratios.len() - 1]);
    // Of an even number the mean of the two in the middle, as the chapter has it.
    let middle = f64::midpoint(ratios[(ratios.len() - 1) / 2], ratios[ratios.len() / 2]);
    format!("× {middle:.2} ({first:.2}–{last:.2})")
}

/// The lines of a block.
fn quoted(results: &Value, name: &str) -> String {
    let arms = &results["experiments"][name]["arms"];
    let mut text = String::new();
    for (measure, word) in [
        ("writes", "speed of writing"),
        ("reads", "speed of cold reads"),
        ("used", "space used"),
    ] {
        let [alone, under] = PAIRS.map(|(ours, theirs)| ratio(arms, ours, theirs, measure));
        writeln!(text, "{word:<19}  {alone:<20}  with snapshots {under}").unwrap();
    }
    text
}

#[test]
fn what_was_measured_as_planned_is_what_is_planned() {
    let results = results();
    let experiments = results["experiments"].as_object().unwrap();
    assert!(
        experiments.len() >= 6,
        "the six main classes are measured, not {}",
        experiments.len()
    );
    for (name, experiment) in experiments {
        for (arm, _) in PAIRS {
            let recorded = &experiment["arms"][arm]["attributes"];
            assert_eq!(
                *recorded,
                planned(&recorded["declaration"]),
                "{name}, {arm}"
            );
        }
    }
}

#[test]
fn pages_quote_what_the_experiments_measured() {
    let (results, mut on_pages) = (results(), BTreeSet::new());
    let stale: Vec<&str> = pages::stale(|_, page| {
        let (now, names) = pages::filled(page, OPEN, |name| quoted(&results, name));
        on_pages.extend(names);
        now
    })
    .iter()
    .map(|(rule, _)| rule.code)
    .collect();
    assert!(
        stale.is_empty(),
        "not as measured on these pages: {stale:?}"
    );
    let measured: BTreeSet<String> = results["experiments"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        on_pages, measured,
        "each experiment stands on the page of the rule it weighs"
    );
}
