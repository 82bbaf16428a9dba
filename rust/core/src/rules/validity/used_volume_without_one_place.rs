#![doc = include_str!("used_volume_without_one_place.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB128",
    name: "used-volume-without-one-place",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a used volume that is not in one place",
    page: include_str!("used_volume_without_one_place.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for of in workload.declared.uses.keys() {
            let copies = facts
                .spec
                .workloads
                .get(&of.workload)
                .and_then(|owner| owner.replicas)
                .unwrap_or(1);
            let (message, help) = if of.workload == *workload.name {
                (
                    "this is a volume of the workload itself".to_owned(),
                    format!(
                        "mount it by `volumes.{}.mounts`, read-only by its `readOnlyIn`",
                        of.volume
                    ),
                )
            } else if copies > 1 {
                (
                    format!(
                        "`{}` runs in {copies} copies, each with a volume of its own: which one is meant is not said",
                        of.workload
                    ),
                    "put the shared volume into a workload that runs once".to_owned(),
                )
            } else {
                continue;
            };
            found.push(Found {
                at: workload.at().key("uses").key(of.to_string()),
                message,
                help,
                related: Vec::new(),
            });
        }
    }
    found
}
