#![doc = include_str!("sizes_beyond_capacity.md")]

use crate::analysis::{Facts, FilesystemFacts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Profile;

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
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, filesystem) in facts.filesystems.iter().enumerate() {
        let Some(usable) = usable(filesystem, chosen.filesystems[index].data_profile.flatten())
        else {
            continue;
        };
        let wanted = wanted(facts, index);
        if wanted > u128::from(usable) {
            found.push(Found {
                at: OptionPath::of(["filesystems", filesystem.name.as_str(), "capacity"]),
                message: format!(
                    "the declared sizes of its volumes add up to {} GiB, and {} GiB can be used",
                    wanted >> 30,
                    usable >> 30
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

/// Bytes that files can fill, or `None` where that is not known. For disks of one size; `capacity` is
/// the smallest, so with larger ones it is less than there is, never more.
fn usable(filesystem: &FilesystemFacts, profile: Option<Profile>) -> Option<u64> {
    let capacity = filesystem.declared.capacity?.bytes();
    let disks = filesystem.declared.disks.len();
    match u64::try_from(disks).ok()? {
        0 => Some(capacity),
        disks => Some(capacity.saturating_mul(disks) / profile?.copies()),
    }
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
