//! What must be said of a scenario is said: at the place, by the rule, and in words that name what matters.
//!
//! A scenario directory with a `must-say.json` lists it. With `field` an entry is about a decision and `at` is its
//! subject; without, it is about a finding and `at` is its place.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "only functions marked as tests are known to clippy as tests, not what they call"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{Plan, build};
use podman_btrfs_core::spec::input::parse_value;
use serde::Deserialize;

/// One thing that must be said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    /// In the words of whoever asks for it.
    wanted: String,
    /// The rule that says it.
    code: String,
    /// The place of the finding, or the subject of the decision.
    at: String,
    /// The field of the decision; absent: a finding.
    field: Option<String>,
    /// What the text holds.
    words: Vec<String>,
    /// Places that the finding names besides.
    #[serde(default)]
    related: Vec<String>,
}

fn scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let mut found: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("must-say.json").is_file())
        .collect();
    found.sort();
    found
}

fn plan(scenario: &Path) -> Plan {
    let text = fs::read_to_string(scenario.join("host.nix")).unwrap();
    let document = podman_btrfs_source::read_declaration(&text)
        .unwrap_or_else(|_| panic!("{}: host.nix is not read", scenario.display()));
    match parse_value(&document.value) {
        Ok(spec) => build(&spec),
        Err(findings) => Plan::refused(findings),
    }
}

/// The texts that a point could mean, with the places that each names besides.
fn said(plan: &Plan, point: &Point) -> Vec<(String, BTreeSet<String>)> {
    let Some(field) = &point.field else {
        return plan
            .diagnostics
            .iter()
            .filter(|found| found.code == point.code && found.at.to_string() == point.at)
            .map(|found| {
                let related = found.related.iter().map(ToString::to_string).collect();
                (format!("{} ({})", found.message, found.help), related)
            })
            .collect();
    };
    plan.decisions
        .iter()
        .filter(|decision| decision.rule == point.code && decision.field == *field)
        .filter(|decision| decision.subject.to_string() == point.at)
        .map(|decision| {
            let text = format!("{}: {}", decision.value, decision.reason);
            (text, BTreeSet::new())
        })
        .collect()
}

fn complaint(plan: &Plan, point: &Point) -> Option<String> {
    let said = said(plan, point);
    let holds = said.iter().any(|(text, related)| {
        point.words.iter().all(|word| text.contains(word))
            && point.related.iter().all(|place| related.contains(place))
    });
    (!holds).then(|| {
        format!(
            "{} at {} does not say: {}\n  wanted {:?} {:?}\n  said {said:?}",
            point.code, point.at, point.wanted, point.words, point.related
        )
    })
}

#[test]
fn everything_that_must_be_said_of_a_scenario_is_said() {
    let scenarios = scenarios();
    assert!(!scenarios.is_empty(), "no scenario with a must-say.json");
    for scenario in scenarios {
        let text = fs::read_to_string(scenario.join("must-say.json")).unwrap();
        let points: Vec<Point> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", scenario.display()));
        assert!(!points.is_empty(), "{}", scenario.display());
        let readme = fs::read_to_string(scenario.join("README.md")).unwrap();
        let plan = plan(&scenario);
        let mut complaints: Vec<String> = points
            .iter()
            .filter_map(|point| complaint(&plan, point))
            .collect();
        complaints.extend(
            points
                .iter()
                .filter(|point| !readme.contains(&point.code))
                .map(|point| format!("README.md does not name {}", point.code)),
        );
        assert!(
            complaints.is_empty(),
            "{}:\n{}",
            scenario.display(),
            complaints.join("\n")
        );
    }
}

#[test]
fn a_point_that_nothing_says_is_told() {
    let plan = Plan::refused(Vec::new());
    let point = Point {
        wanted: "something".into(),
        code: "PB000".into(),
        at: "nowhere".into(),
        field: None,
        words: Vec::new(),
        related: Vec::new(),
    };
    assert!(complaint(&plan, &point).is_some_and(|told| told.contains("something")));
}
