#![doc = include_str!("snapshots_beside_their_data.md")]

use crate::analysis::{Facts, FilesystemFacts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, FilesystemChoices, Found, Rule, Stage};
use crate::spec::{ExistingContent, Media, Profile};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB621",
    name: "snapshots-beside-their-data",
    stage: Stage::Protection,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "snapshots on the device that holds the data, and no copy",
    page: include_str!("snapshots_beside_their_data.md"),
    proofs: &["snapshot-shares-damage"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    facts
        .filesystems
        .iter()
        .enumerate()
        .flat_map(|(index, filesystem)| {
            let kept = kept_here(facts, filesystem, index);
            kept.into_iter()
                .filter_map(|at| beside(filesystem, &chosen.filesystems[index], at))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Who keeps snapshots on this filesystem and nowhere else.
fn kept_here(facts: &Facts, filesystem: &FilesystemFacts, index: usize) -> Vec<OptionPath> {
    let mut kept: Vec<OptionPath> = filesystem
        .existing_mounts()
        .filter(|mount| match &mount.declared.snapshots {
            Some(snapshots) => snapshots.copied != Some(true),
            None => mount.holds() == ExistingContent::Snapshots,
        })
        .map(|mount| mount.at())
        .collect();
    let mut policies: Vec<usize> = facts
        .workloads
        .iter()
        .filter(|workload| {
            workload
                .volumes
                .iter()
                .any(|volume| volume.filesystem == Some(index))
        })
        .filter_map(|workload| workload.policy)
        .filter(|policy| facts.policies[*policy].declared.targets.is_empty())
        .collect();
    policies.sort_unstable();
    policies.dedup();
    kept.extend(
        policies
            .into_iter()
            .map(|policy| OptionPath::of(["policies", facts.policies[policy].name.as_str()])),
    );
    kept
}

fn beside(
    filesystem: &FilesystemFacts,
    choices: &FilesystemChoices,
    at: OptionPath,
) -> Option<Found> {
    let profile = choices.data_profile.flatten();
    if profile.is_some_and(Profile::survives_a_device) {
        return None;
    }
    let medium = match filesystem.declared.media {
        Some(Media::Hdd) => "a rotating disk",
        Some(Media::Ssd | Media::Nvme) => "a solid-state disk",
        None => "a device",
    };
    let copies = match profile {
        Some(_) => "one copy of the data",
        None => "as far as is known one copy of the data",
    };
    Some(Found {
        at,
        message: format!(
            "`{}` is {copies} on {medium}, its snapshots are blocks of the same one, and nothing leaves it: what ends the device ends both",
            filesystem.name
        ),
        help: "name a target in the policy, or set `snapshots.copied` where another tool sends copies away".into(),
        related: Vec::new(),
    })
}
