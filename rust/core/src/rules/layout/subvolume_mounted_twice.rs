#![doc = include_str!("subvolume_mounted_twice.md")]

use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::analysis::existing::MountFacts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::SubvolumePath;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB330",
    name: "subvolume-mounted-twice",
    stage: Stage::Layout,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "one subvolume at two existing mount points",
    page: include_str!("subvolume_mounted_twice.md"),
    proofs: &["same-subvolume-at-two-places"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for filesystem in &facts.filesystems {
        let mut seen: BTreeMap<Option<&SubvolumePath>, MountFacts> = BTreeMap::new();
        for mount in filesystem.existing_mounts() {
            let subvolume = mount.declared.subvolume.as_ref();
            let Some(first) = seen.insert(subvolume, mount) else {
                continue;
            };
            found.push(Found {
                at: mount.at(),
                message: format!(
                    "{} and {} are the same {}: what is deleted at one is gone at the other",
                    first.mount_point,
                    mount.mount_point,
                    subvolume.map_or_else(
                        || "default subvolume".to_owned(),
                        |subvolume| format!("subvolume {subvolume}")
                    )
                ),
                help: "mount it once, and name that place wherever its data is meant".into(),
                related: vec![first.at()],
            });
        }
    }
    found
}
