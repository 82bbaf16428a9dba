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

/// Each application names the other, and each has a volume to itself.
fn is_parted(one: Place, other: Place) -> bool {
    let is_one_workload = one.0.name == other.0.name;
    let name_each_other =
        one.1.with.contains(other.1.application) && other.1.with.contains(one.1.application);
    // Two workloads belong together only if their paths agree: a web server and a PHP may be strangers.
    let belong_together = is_one_workload || one.1.path == other.1.path;
    name_each_other && belong_together && is_alone(one) && is_alone(other)
}

/// True when no other container mounts the volume: it has not found its partner.
fn is_alone((workload, shared): Place) -> bool {
    workload
        .volumes
        .iter()
        .filter(|volume| volume.name == shared.volume)
        .all(|volume| volume.declared.mounts.len() == 1)
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
