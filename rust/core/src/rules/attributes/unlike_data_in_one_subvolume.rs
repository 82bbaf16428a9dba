#![doc = include_str!("unlike_data_in_one_subvolume.md")]

use std::collections::BTreeSet;

use crate::analysis::existing::MountFacts;
use crate::analysis::{Facts, WritePattern};
use crate::finding::Level;
use crate::plan::target_subvolume;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Class;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB435",
    name: "unlike-data-in-one-subvolume",
    stage: Stage::Attributes,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "data that wants to be held differently, in one subvolume today",
    page: include_str!("unlike_data_in_one_subvolume.md"),
    proofs: &["snapshot-omits-nested-subvolume"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    facts
        .existing_mounts()
        .filter_map(|mount| unlike(facts, chosen, &mount))
        .collect()
}

fn unlike(facts: &Facts, chosen: &Choices, mount: &MountFacts) -> Option<Found> {
    let volumes = facts.volumes_on(mount);
    let kinds: BTreeSet<&str> = volumes
        .iter()
        .map(|&(workload, volume)| kind(chosen.volumes[workload][volume].class.flatten()))
        .collect();
    if kinds.len() < 2 {
        return None;
    }
    let held: Vec<String> = volumes
        .iter()
        .map(|&(workload, volume)| split(facts, chosen, workload, volume))
        .collect();
    Some(Found {
        at: mount.at(),
        message: format!(
            "{} holds unlike data in one subvolume, which is snapshotted and restored as a whole; split: {}",
            mount.named(),
            held.join("; ")
        ),
        help: "move one workload at a time: stop it, copy its directory to the place the plan gives it, start it there".into(),
        related: volumes
            .iter()
            .map(|&(workload, volume)| {
                let workload = &facts.workloads[workload];
                workload.volume_at(&workload.volumes[volume]).key("existing")
            })
            .collect(),
    })
}

/// One volume: what it holds, the subvolume that it gets, and whether it is copied on write there.
fn split(facts: &Facts, chosen: &Choices, workload: usize, volume: usize) -> String {
    let choices = &chosen.volumes[workload][volume];
    let of = &facts.workloads[workload];
    let target = target_subvolume(facts, chosen, workload, volume)
        .map_or_else(|| "its own subvolume".to_owned(), |path| path.to_string());
    let cow = if choices.copy_on_write == Some(false) {
        "nodatacow"
    } else {
        "copied on write"
    };
    let class = choices.class.flatten().map_or("class unknown", Class::name);
    format!(
        "{}/{} ({class}) to {target}, {cow}",
        of.name, of.volumes[volume].name
    )
}

/// Classes that are written alike and are worth snapshots of one rhythm.
fn kind(class: Option<Class>) -> &'static str {
    let Some(traits) = class.map(Class::traits) else {
        return "unknown";
    };
    match traits.writes {
        _ if traits.is_reproducible && !traits.is_worth_a_snapshot => "had again",
        WritePattern::RandomOverwrite if traits.is_fragmented_by_cow() => "overwritten at random",
        WritePattern::RandomOverwrite => "files with a database among them",
        WritePattern::Append => "appended and merged",
        WritePattern::WriteOnceLarge => "written once",
        WritePattern::ReadMostly | WritePattern::ManySmallFiles | WritePattern::Burst => {
            "files of people"
        }
    }
}
