//! What proofs measured, on the pages that rest on it: never typed by hand.
//!
//! `checks/proofs/run --record` writes `tests/proofs/figures/<name>.json`; a page quotes it in a fenced block
//! opened by three backticks, `measured` and the proof's name.
//! `UPDATE=1 cargo test -p podman-btrfs-core --test figures` fills the blocks.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests may end when something is not as it must be, and read and write pages"
)]

mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use podman_btrfs_core::rules::REGISTRY;
use serde::Deserialize;
use serde_json::Value;

const OPEN: &str = "```measured ";

/// One proof's record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    /// By name, in the order of the alphabet.
    figures: BTreeMap<String, Value>,
    /// Kernel and tools.
    versions: BTreeMap<String, String>,
}

fn proofs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/proofs")
}

/// The names of the files in a directory that end so, without the end.
fn names(directory: &Path, end: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).expect("the directory can be read");
    entries
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(end).map(str::to_owned)
        })
        .collect()
}

fn record(proof: &str) -> Record {
    let path = proofs().join("figures").join(format!("{proof}.json"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{proof}: run `checks/proofs/run --record {proof}`"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{proof}: {error}"))
}

/// The lines of a block.
fn quoted(record: &Record) -> String {
    let width = record
        .figures
        .keys()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (name, value) in &record.figures {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        writeln!(text, "{name:<width$}  {value}").unwrap();
    }
    let versions: Vec<String> = record
        .versions
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    writeln!(text, "({})", versions.join(", ")).unwrap();
    text
}

/// The page with each block as the record says it now, and the proofs it quotes.
fn executed(page: &str) -> (String, BTreeSet<String>) {
    pages::filled(page, OPEN, |proof| {
        let record = record(proof);
        assert!(!record.figures.is_empty(), "{proof} records no figure");
        quoted(&record)
    })
}

#[test]
fn every_page_quotes_what_was_recorded() {
    let stale: Vec<&str> = pages::stale(|rule, page| {
        let (now, quoted) = executed(page);
        for proof in &quoted {
            assert!(
                rule.proofs.contains(&proof.as_str()),
                "{}: it quotes {proof}, which is not among its proofs",
                rule.code
            );
        }
        now
    })
    .iter()
    .map(|(rule, _)| rule.code)
    .collect();
    assert!(
        stale.is_empty(),
        "the figures on these pages are not the recorded ones: {stale:?}"
    );
}

#[test]
fn every_proof_has_a_record_and_every_record_a_proof() {
    assert_eq!(
        names(&proofs(), ".py"),
        names(&proofs().join("figures"), ".json")
    );
}

#[test]
fn every_proof_belongs_to_a_rule_and_its_figures_stand_on_a_page() {
    let mut used = BTreeSet::new();
    let mut quoted = BTreeSet::new();
    for rule in REGISTRY {
        used.extend(rule.proofs.iter().map(|&proof| proof.to_owned()));
        quoted.extend(executed(rule.page).1);
    }
    for proof in names(&proofs(), ".py") {
        assert!(used.contains(&proof), "no rule rests on {proof}");
        assert!(
            quoted.contains(&proof) || record(&proof).figures.is_empty(),
            "no page quotes what {proof} measured"
        );
    }
}
