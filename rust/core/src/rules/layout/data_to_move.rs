#![doc = include_str!("data_to_move.md")]

use std::collections::BTreeSet;

use crate::analysis::existing::writers;
use crate::analysis::{Facts, VolumeFacts, WorkloadFacts};
use crate::finding::Level;
use crate::plan::target_directory;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB333",
    name: "data-to-move",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "where existing data goes, and what is stopped for it",
    page: include_str!("data_to_move.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let workloads = facts.workloads.iter().enumerate();
    workloads
        .filter_map(|(index, workload)| to_move(facts, chosen, index, workload))
        .collect()
}

fn to_move(
    facts: &Facts,
    chosen: &Choices,
    index: usize,
    workload: &WorkloadFacts,
) -> Option<Found> {
    let mut moving: Vec<&VolumeFacts> = Vec::new();
    let mut ways = Vec::new();
    for (position, volume) in workload.volumes.iter().enumerate() {
        let Some(existing) = &volume.declared.existing else {
            continue;
        };
        let target = target_directory(facts, chosen, index, position)?;
        ways.push(format!("{} to {target}", existing.path));
        moving.push(volume);
    }
    if moving.is_empty() {
        return None;
    }
    let stopped: BTreeSet<String> = moving
        .iter()
        .flat_map(|volume| writers(workload, volume))
        .collect();
    Some(Found {
        at: workload.at(),
        message: format!(
            "its data lies elsewhere today; it goes from {}",
            ways.join(", from ")
        ),
        help: format!(
            "after `apply`, stop {}, copy with owners and times, compare, and start it from there; nothing is moved for you and the old place is left as it is",
            Vec::from_iter(stopped).join(", ")
        ),
        related: moving
            .iter()
            .map(|volume| workload.volume_at(volume).key("existing"))
            .collect(),
    })
}
