#![doc = include_str!("snapshots_inside_their_subvolume.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB625",
    name: "snapshots-inside-their-subvolume",
    stage: Stage::Protection,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "snapshots kept inside the subvolume that they are of",
    page: include_str!("snapshots_inside_their_subvolume.md"),
    proofs: &["subvolume-with-snapshots-inside-stays"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .existing_mounts()
        .filter_map(|mount| {
            let directory = mount.declared.snapshots.as_ref()?.directory.as_ref()?;
            // The nearest mount above the directory says in which subvolume it is.
            let holder = facts
                .existing_mounts()
                .filter(|other| other.mount_point.contains(directory))
                .max_by_key(|other| other.mount_point.as_str().len())?;
            (holder.mount_point == mount.mount_point).then(|| Found {
                at: mount.at().key("snapshots").key("directory"),
                message: format!(
                    "the snapshots of {} lie inside of it, at {directory}: it cannot be replaced by one of them or deleted without moving them first",
                    mount.named()
                ),
                help: "keep them in a subvolume beside it, mounted at a place of its own".into(),
                related: Vec::new(),
            })
        })
        .collect()
}
