#![doc = include_str!("sizes_beyond_capacity.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::capacity::{disks_at, gibibytes};
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::simulate::room;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB701",
    name: "sizes-beyond-capacity",
    stage: Stage::Capacity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "declared sizes that do not fit",
    page: include_str!("sizes_beyond_capacity.md"),
    proofs: &["chunks-take-the-emptiest-devices"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, filesystem) in facts.filesystems.iter().enumerate() {
        let Some(room) = room(facts, chosen, index) else {
            continue;
        };
        let wanted = wanted(facts, index);
        if wanted > u128::from(room.usable) {
            found.push(Found {
                at: OptionPath::of([
                    "filesystems",
                    filesystem.name.as_str(),
                    disks_at(filesystem),
                ]),
                message: format!(
                    "the declared sizes of its volumes add up to {}, and {} can be used",
                    gibibytes(wanted),
                    gibibytes(room.usable.into())
                ),
                help:
                    "add disks, or correct `size` and `replicas`; snapshots need room beyond that"
                        .into(),
                related: Vec::new(),
            });
        }
    }
    found
}

fn wanted(facts: &Facts, filesystem: usize) -> u128 {
    let volumes = facts.workloads.iter().flat_map(|workload| {
        let on_it = workload
            .volumes
            .iter()
            .filter(|volume| volume.filesystem == Some(filesystem));
        on_it.map(|volume| (volume.declared.size, workload.replicas))
    });
    volumes
        .map(|(size, copies)| size.map_or(0, |size| u128::from(size.bytes()) * u128::from(copies)))
        .sum()
}
