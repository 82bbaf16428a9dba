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

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use podman_btrfs_core::plan;
use podman_btrfs_core::rules::{REGISTRY, Rule};
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
    format!("× {:.2} ({first:.2}–{last:.2})", ratios[ratios.len() / 2])
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

/// The page with each block as the results say it now, and the experiments it quotes.
fn executed(results: &Value, page: &str) -> (String, BTreeSet<String>) {
    let (mut text, mut named) = (String::new(), BTreeSet::new());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (name, after) = after.split_once('\n').expect("a block has a first line");
        let (_, after) = after.split_once("```").expect("a block ends");
        write!(text, "{before}{OPEN}{name}\n{}```", quoted(results, name)).unwrap();
        named.insert(name.to_owned());
        rest = after;
    }
    text.push_str(rest);
    (text, named)
}

fn page_path(rule: &Rule) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/rules")
        .join(rule.stage.name())
        .join(format!("{}.md", rule.name.replace('-', "_")))
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
    let (results, update) = (results(), std::env::var_os("UPDATE").is_some());
    let (mut stale, mut on_pages) = (Vec::new(), BTreeSet::new());
    for rule in REGISTRY {
        let page = std::fs::read_to_string(page_path(rule)).expect("the page is beside the rule");
        let (now, names) = executed(&results, &page);
        on_pages.extend(names);
        if now != page && update {
            std::fs::write(page_path(rule), now).unwrap();
        } else if now != page {
            stale.push(rule.code);
        }
    }
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
