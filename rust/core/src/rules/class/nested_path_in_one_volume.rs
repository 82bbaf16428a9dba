#![doc = include_str!("nested_path_in_one_volume.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB210",
    name: "nested-path-in-one-volume",
    stage: Stage::Class,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "a directory inside a volume that is worth a volume of its own",
    page: include_str!("nested_path_in_one_volume.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for nested in &workload.nested {
            found.push(Found {
                at: workload
                    .at()
                    .key("volumes")
                    .key(nested.volume.as_str())
                    .key("mounts")
                    .key(nested.container.as_str()),
                message: format!(
                    "inside {} the image {} keeps {} of its own at {}: in one volume it is snapshotted, limited and restored with everything beside it",
                    nested.mounted,
                    nested.image.familiar_name(),
                    nested.class.name(),
                    nested.path
                ),
                help: format!(
                    "declare a further volume with `mounts.{} = \"{}\"` if the two are to be treated differently; data that is there already has to be moved",
                    nested.container, nested.path
                ),
                related: Vec::new(),
            });
        }
    }
    found
}
