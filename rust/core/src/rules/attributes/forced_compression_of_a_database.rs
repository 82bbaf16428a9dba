#![doc = include_str!("forced_compression_of_a_database.md")]

use crate::analysis::existing::MountFacts;
use crate::analysis::{Facts, WritePattern};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Class;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB434",
    name: "forced-compression-of-a-database",
    stage: Stage::Attributes,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "compress-force over data that is overwritten in small pieces",
    page: include_str!("forced_compression_of_a_database.md"),
    proofs: &["forced-compression-of-random-overwrites"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, filesystem) in facts.filesystems.iter().enumerate() {
        let Some(deciding) = filesystem.deciding_mount() else {
            continue;
        };
        let options = deciding.whole_options();
        let Some(algorithm) = options.forced_compression() else {
            continue;
        };
        let victims = victims(facts, chosen, index);
        if victims.is_empty() {
            continue;
        }
        found.push(Found {
            at: deciding.options_at(),
            message: format!(
                "`compress-force` compresses {} too, which is overwritten in small pieces; the property `compression = none` does not hold against it",
                victims.join(", ")
            ),
            help: format!("write `compress={algorithm}` in place of `compress-force={algorithm}` on every mount of the filesystem"),
            related: filesystem
                .existing_mounts()
                .filter(|mount| mount.whole_options().forced_compression().is_some())
                .filter(|mount| mount.mount_point != deciding.mount_point)
                .map(|mount| mount.options_at())
                .collect(),
        });
    }
    found
}

/// Volumes of such classes that are on the filesystem today or are planned there, and are copied on write.
fn victims(facts: &Facts, chosen: &Choices, filesystem: usize) -> Vec<String> {
    let mounts: Vec<MountFacts> = facts.filesystems[filesystem].existing_mounts().collect();
    let today: Vec<(usize, usize)> = mounts
        .iter()
        .flat_map(|mount| facts.volumes_on(mount))
        .collect();
    let mut victims = Vec::new();
    for (workload_index, workload) in facts.workloads.iter().enumerate() {
        for (index, volume) in workload.volumes.iter().enumerate() {
            let choices = &chosen.volumes[workload_index][index];
            let planned =
                volume.filesystem == Some(filesystem) && choices.copy_on_write != Some(false);
            let Some(Some(class)) = choices.class else {
                continue;
            };
            if suffers(class) && (planned || today.contains(&(workload_index, index))) {
                victims.push(format!(
                    "{}/{} ({})",
                    workload.name,
                    volume.name,
                    class.name()
                ));
            }
        }
    }
    victims
}

/// Written in small pieces into large files, over and over.
fn suffers(class: Class) -> bool {
    let writes = class.traits().writes;
    writes == WritePattern::RandomOverwrite
        || matches!(class, Class::Index | Class::TimeSeries | Class::Search)
}
