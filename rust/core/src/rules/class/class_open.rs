#![doc = include_str!("class_open.md")]

use crate::analysis::{Certainty, Facts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB202",
    name: "class-open",
    stage: Stage::Class,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume of which nobody knows what it holds",
    page: include_str!("class_open.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (workload, volumes) in facts.workloads.iter().zip(&chosen.volumes) {
        for (volume, choices) in workload.volumes.iter().zip(volumes) {
            if choices.class == Some(None) && volume.inference.certainty == Certainty::Open {
                found.push(Found {
                    at: workload.volume_at(volume),
                    message: format!("what this volume holds is not clear: {}", volume.inference.because),
                    help: "set `class` on it; until then it is treated as precious, and copied on write".into(),
                    related: Vec::new(),
                });
            }
        }
    }
    found
}
