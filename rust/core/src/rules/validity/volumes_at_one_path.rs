#![doc = include_str!("volumes_at_one_path.md")]

use crate::finding::Level;
use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::{ContainerName, ContainerPath};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB111",
    name: "volumes-at-one-path",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "two volumes at the same path of one container",
    page: include_str!("volumes_at_one_path.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        let mut taken: BTreeMap<(&ContainerName, &ContainerPath), OptionPath> = BTreeMap::new();
        for volume in &workload.volumes {
            for (container, path) in &volume.declared.mounts {
                let at = workload
                    .volume_at(volume)
                    .key("mounts")
                    .key(container.as_str());
                if let Some(first) = taken.insert((container, path), at.clone()) {
                    found.push(Found {
                        at,
                        message: format!("{path} of the container `{container}` is already taken by `{first}`: one volume would hide the other"),
                        help: "mount each volume at a path of its own".into(),
                        related: vec![first],
                    });
                }
            }
        }
    }
    found
}
