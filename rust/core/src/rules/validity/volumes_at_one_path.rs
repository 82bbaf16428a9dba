#![doc = include_str!("volumes_at_one_path.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB111",
    name: "volumes-at-one-path",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "two volumes at the same path of one container",
    page: include_str!("volumes_at_one_path.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for pair in workload.places().windows(2) {
            if let [first, second] = pair
                && (first.container, first.path) == (second.container, second.path)
            {
                found.push(Found {
                    at: second.at.clone(),
                    message: format!("{} of the container `{}` is already taken by `{}`: one volume would hide the other", second.path, second.container, first.at),
                    help: "mount each volume at a path of its own".into(),
                    related: vec![first.at.clone()],
                });
            }
        }
    }
    found
}
