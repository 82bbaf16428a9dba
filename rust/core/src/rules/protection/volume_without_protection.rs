#![doc = include_str!("volume_without_protection.md")]

use crate::analysis::{Facts, VolumeFacts, WorkloadFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage, VolumeChoices};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB606",
    name: "volume-without-protection",
    stage: Stage::Protection,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume that cannot be had again and is in no snapshot",
    page: include_str!("volume_without_protection.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (workload, volumes) in facts.workloads.iter().zip(&chosen.volumes) {
        let lost: Vec<&VolumeFacts> = workload
            .volumes
            .iter()
            .zip(volumes)
            .filter(|(volume, choices)| is_lost(workload, volume, choices))
            .map(|(volume, _)| volume)
            .collect();
        if lost.is_empty() {
            continue;
        }
        let names: Vec<&str> = lost.iter().map(|volume| volume.name.as_str()).collect();
        found.push(Found {
            at: workload.at(),
            message: format!(
                "no snapshot holds {}: what is deleted there is gone",
                names.join(", ")
            ),
            help: "set `protection.policy`, or `snapshot = false` on what may be lost".into(),
            related: lost
                .iter()
                .map(|volume| workload.volume_at(volume))
                .collect(),
        });
    }
    found
}

/// Precious, in no snapshot, and not said to be meant.
fn is_lost(workload: &WorkloadFacts, volume: &VolumeFacts, choices: &VolumeChoices) -> bool {
    workload.policy.is_none()
        && choices.snapshot == Some(true)
        && volume.declared.snapshot != Some(false)
}
