#![doc = include_str!("disk_sizes_that_do_not_match.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB706",
    name: "disk-sizes-that-do-not-match",
    stage: Stage::Capacity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "another number of disk sizes than of disks",
    page: include_str!("disk_sizes_that_do_not_match.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let of = |name: &str, option: &str| OptionPath::of(["filesystems", name, option]);
    facts
        .filesystems
        .iter()
        .filter_map(|filesystem| {
            let declared = filesystem.declared;
            let (sizes, disks) = (declared.disk_sizes.len(), declared.disks.len());
            (sizes > 0 && disks > 0 && sizes != disks).then(|| Found {
                at: of(filesystem.name.as_str(), "diskSizes"),
                message: format!("{sizes} sizes are declared for {disks} disks"),
                help: "give each disk its size, in the order of `disks`".into(),
                related: vec![of(filesystem.name.as_str(), "disks")],
            })
        })
        .collect()
}
