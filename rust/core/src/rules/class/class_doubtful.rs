#![doc = include_str!("class_doubtful.md")]

use crate::analysis::{Certainty, Facts, VolumeFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB205",
    name: "class-doubtful",
    stage: Stage::Class,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume whose image, path and name contradict each other",
    page: include_str!("class_doubtful.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (workload, volumes) in facts.workloads.iter().zip(&chosen.volumes) {
        for (volume, choices) in workload.volumes.iter().zip(volumes) {
            if choices.class == Some(None) && volume.inference.certainty == Certainty::Doubtful {
                found.push(Found {
                    at: workload.volume_at(volume),
                    message: format!(
                        "what this volume holds is doubtful: {}",
                        volume.inference.because
                    ),
                    help: format!(
                        "say which: {}; until then it is treated as precious, and copied on write",
                        lines(volume)
                    ),
                    related: Vec::new(),
                });
            }
        }
    }
    found
}

/// The lines that would settle it.
fn lines(volume: &VolumeFacts) -> String {
    let candidates = volume.inference.candidates();
    let lines: Vec<String> = candidates
        .iter()
        .map(|class| format!("`class = \"{}\"`", class.name()))
        .collect();
    lines.join(" or ")
}
