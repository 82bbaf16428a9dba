#![doc = include_str!("precious_declared_worthless.md")]

use super::class_against_image::contradiction;
use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB208",
    name: "precious-declared-worthless",
    stage: Stage::Class,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "what an image cannot make again, declared as worthless",
    page: include_str!("precious_declared_worthless.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for volume in &workload.volumes {
            let Some((declared, evidence)) = contradiction(volume) else {
                continue;
            };
            let is_lost = !declared.traits().is_worth_a_snapshot
                && evidence.says.traits().is_worth_a_snapshot;
            if is_lost {
                found.push(Found {
                    at: workload.volume_at(volume).key("class"),
                    message: format!(
                        "declared as {}, which no snapshot holds, but known as {}, which cannot be had again: {}",
                        declared.name(),
                        evidence.says.name(),
                        evidence.text
                    ),
                    help: "remove the line; what may be lost all the same is said by `snapshot = false`".into(),
                    related: Vec::new(),
                });
            }
        }
    }
    found
}
