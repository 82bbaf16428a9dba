#![doc = include_str!("group_over_several_subvolumes.md")]

use super::moment_by_one_snapshot_or_a_freeze::is_held;
use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Consistency;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB304",
    name: "group-over-several-subvolumes",
    stage: Stage::Layout,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a group that no single snapshot can take",
    page: include_str!("group_over_several_subvolumes.md"),
    proofs: &["snapshot-atomic-within-one-subvolume"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, (workload, choices)) in facts.workloads.iter().zip(&chosen.workloads).enumerate() {
        let members = choices.group.as_ref().map_or(0, Vec::len);
        let Some(protection) = &workload.declared.protection else {
            continue;
        };
        let at_one_moment = protection.consistency != Some(Consistency::None);
        if members > 1 && at_one_moment && !is_held(workload, chosen, index) {
            let on_two = workload
                .volumes
                .iter()
                .any(|volume| volume.filesystem != workload.filesystem);
            let cause = if on_two {
                "on several filesystems"
            } else {
                "with limits of their own"
            };
            found.push(Found {
                at: workload.at().key("protection"),
                message: format!("volumes {cause} make {members} snapshots of this workload, and no container is declared that writes there and could be held still: they do not show one moment"),
                help: "declare the `mounts` of what writes there, keep what belongs together on one filesystem and without `limit`, or say `consistency = \"none\"`".into(),
                related: Vec::new(),
            });
        }
    }
    found
}
