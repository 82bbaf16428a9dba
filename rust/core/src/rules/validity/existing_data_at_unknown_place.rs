#![doc = include_str!("existing_data_at_unknown_place.md")]

use crate::analysis::Facts;
use crate::analysis::existing::DataToday;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB126",
    name: "existing-data-at-unknown-place",
    stage: Stage::Validity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "existing data of which nothing says what filesystem holds it",
    page: include_str!("existing_data_at_unknown_place.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for volume in &workload.volumes {
            let (Some(existing), Some(DataToday::Unknown)) =
                (&volume.declared.existing, facts.data_today(volume))
            else {
                continue;
            };
            found.push(Found {
                at: workload.volume_at(volume).key("existing"),
                message: format!(
                    "nothing says what filesystem holds {}: no existing mount is above it, and no type is declared",
                    existing.path
                ),
                help: "set `filesystemType`, or declare the mount below `filesystems.<name>.existing.mounts`".into(),
                related: Vec::new(),
            });
        }
    }
    found
}
