#![doc = include_str!("shared_path_as_two_volumes.md")]

use crate::analysis::{Facts, SharedPath, WorkloadFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB211",
    name: "shared-path-as-two-volumes",
    stage: Stage::Class,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "one directory of two applications, declared as two volumes",
    page: include_str!("shared_path_as_two_volumes.md"),
    proofs: &["hard-link-stops-at-a-mount"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let all: Vec<(&WorkloadFacts, &SharedPath)> = facts
        .workloads
        .iter()
        .flat_map(|workload| workload.shared.iter().map(move |shared| (workload, shared)))
        .collect();
    let mut found = Vec::new();
    for (index, one) in all.iter().enumerate() {
        let others = all[index + 1..].iter();
        found.extend(
            others
                .filter(|other| is_parted(*one, **other))
                .map(|other| told(*one, *other)),
        );
    }
    found
}

type Place<'p, 's> = (&'p WorkloadFacts<'s>, &'p SharedPath<'s>);

/// Each application names the other, and what is mounted are two volumes.
fn is_parted(one: Place, other: Place) -> bool {
    let is_one_volume = one.0.name == other.0.name && one.1.volume == other.1.volume;
    // Where a further path of theirs is shared already, that is the one they meet in.
    let meet = one.0.name == other.0.name
        && one.0.volumes.iter().any(|volume| {
            let mounts = &volume.declared.mounts;
            mounts.contains_key(one.1.container) && mounts.contains_key(other.1.container)
        });
    !is_one_volume
        && !meet
        && one.1.with.contains(other.1.application)
        && other.1.with.contains(one.1.application)
}

fn told(one: Place, other: Place) -> Found {
    let at = |(workload, shared): Place| {
        workload
            .at()
            .key("volumes")
            .key(shared.volume.as_str())
            .key("mounts")
            .key(shared.container.as_str())
    };
    let (first, second) = (one.1, other.1);
    let remedy = if one.0.name == other.0.name {
        "mount one volume in both containers"
    } else {
        "put both containers into one workload and mount one volume in both"
    };
    Found {
        at: at(one),
        message: format!(
            "{} at {} and {} at {} usually work on the same files, but these are two volumes, {} and {}",
            first.application,
            first.path,
            second.application,
            second.path,
            first.volume,
            second.volume
        ),
        help: format!(
            "{remedy}, or set `rules.PB211.level` to allow if they hand nothing to each other"
        ),
        related: vec![at(other)],
    }
}
