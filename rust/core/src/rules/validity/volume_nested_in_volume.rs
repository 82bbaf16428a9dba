#![doc = include_str!("volume_nested_in_volume.md")]

use crate::analysis::{Facts, nested};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB112",
    name: "volume-nested-in-volume",
    stage: Stage::Validity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume mounted below another volume of the same container",
    page: include_str!("volume_nested_in_volume.md"),
    proofs: &["nested-bind-hides-what-is-below"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for (outer, inner) in nested(&workload.places()) {
            found.push(Found {
                at: inner.at.clone(),
                message: format!(
                    "{} lies below {}, where `{}` is mounted: the outer volume holds an empty directory there, in its snapshots too",
                    inner.path, outer.path, outer.volume
                ),
                help: "protect both by one policy, so that they are restored together; or set `rules.PB112.level` to allow".into(),
                related: vec![outer.at.clone()],
            });
        }
    }
    found
}
