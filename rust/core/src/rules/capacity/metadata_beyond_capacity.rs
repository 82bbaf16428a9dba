#![doc = include_str!("metadata_beyond_capacity.md")]

use crate::analysis::{Facts, FilesystemFacts};
use crate::density::{FilesystemLoad, count};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Profile;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB716",
    name: "metadata-beyond-capacity",
    stage: Stage::Capacity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "more subvolumes and snapshots than metadata has room for",
    page: include_str!("metadata_beyond_capacity.md"),
    proofs: &["snapshots-cost-metadata-and-cleaning"],
    decide: Decide::Find(find),
};

/// The part of a filesystem that metadata may take before something is wrong: one tenth.
const PART: u64 = 10;

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let loads = count(facts, chosen).filesystems;
    let filesystems = facts.filesystems.iter().enumerate().zip(&loads);
    filesystems
        .filter_map(|((index, filesystem), load)| {
            let profile = chosen.filesystems[index].metadata_profile.flatten();
            look(filesystem, load, profile)
        })
        .collect()
}

fn look(
    filesystem: &FilesystemFacts,
    load: &FilesystemLoad,
    profile: Option<Profile>,
) -> Option<Found> {
    let disks = (filesystem.declared.disks.len() as u64).max(1);
    let capacity = filesystem.declared.capacity?.bytes().saturating_mul(disks);
    // Without a known profile one copy: the least there is.
    let least = load
        .least_metadata()
        .saturating_mul(profile.map_or(1, Profile::copies));
    (least > capacity / PART).then(|| Found {
        at: OptionPath::of(["filesystems", filesystem.name.as_str(), "capacity"]),
        message: format!(
            "{} subvolumes and {} snapshots take at least {} MiB of metadata before a file is in them, more than a tenth of the {} MiB there are",
            load.subvolumes,
            load.snapshots,
            least >> 20,
            capacity >> 20
        ),
        help: "keep fewer snapshots (`keep`), snapshot fewer copies, or add disks".into(),
        related: Vec::new(),
    })
}
