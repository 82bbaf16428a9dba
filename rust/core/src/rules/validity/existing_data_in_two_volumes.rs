#![doc = include_str!("existing_data_in_two_volumes.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::HostPath;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB127",
    name: "existing-data-in-two-volumes",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "two volumes whose data is today at one place",
    page: include_str!("existing_data_in_two_volumes.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut seen: Vec<(&HostPath, OptionPath)> = Vec::new();
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for volume in &workload.volumes {
            let Some(existing) = &volume.declared.existing else {
                continue;
            };
            let at = workload.volume_at(volume).key("existing");
            let path = &existing.path;
            for (other, place) in &seen {
                if other.contains(path) || path.contains(other) {
                    found.push(Found {
                        at: at.clone(),
                        message: format!(
                            "{path} and {other} are one place or within each other: two volumes would begin with the same data"
                        ),
                        help: "name for each volume the directory that is its own".into(),
                        related: vec![place.clone()],
                    });
                }
            }
            seen.push((path, at));
        }
    }
    found
}
