#![doc = include_str!("sizes_that_are_not_known.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::simulate::{room, unknown};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB704",
    name: "sizes-that-are-not-known",
    stage: Stage::Capacity,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "sizes and churn that the simulated year needs and nobody says",
    page: include_str!("sizes_that_are_not_known.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

/// So many options are named in the line; all are among the places.
const NAMED: usize = 3;

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, filesystem) in facts.filesystems.iter().enumerate() {
        let has_snapshots = facts.workloads.iter().any(|workload| {
            let on_it = |volume: &crate::analysis::VolumeFacts| volume.filesystem == Some(index);
            workload.policy.is_some() && workload.volumes.iter().any(on_it)
        });
        let mut missing = unknown(facts, chosen, index);
        if room(facts, chosen, index).is_none() {
            missing.insert(
                0,
                OptionPath::of(["filesystems", filesystem.name.as_str(), "capacity"]),
            );
        }
        if !has_snapshots || missing.is_empty() {
            continue;
        }
        found.push(Found {
            at: OptionPath::of(["filesystems", filesystem.name.as_str()]),
            message: format!(
                "whether its snapshots fit within a year is not known in full: {} not said",
                match missing.len() {
                    1 => "one option is".to_owned(),
                    count => format!("{count} options are"),
                }
            ),
            help: help(&missing),
            related: Vec::new(),
        });
    }
    found
}

/// All of them where they are few; which they are does not hang on how workloads are named.
fn help(missing: &[OptionPath]) -> String {
    if missing.len() > NAMED {
        return "say `size` and `churn` of its snapshotted volumes, and its `capacity`".into();
    }
    let named: Vec<String> = missing.iter().map(ToString::to_string).collect();
    format!("say {}", named.join(", "))
}
