#![doc = include_str!("policy_that_fills_filesystem.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::capacity::gibibytes;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::simulate::{Fill, Remedy, fill};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB703",
    name: "policy-that-fills-filesystem",
    stage: Stage::Capacity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "growth and snapshots that fill the filesystem within a year",
    page: include_str!("policy_that_fills_filesystem.md"),
    proofs: &[
        "snapshots-hold-what-is-overwritten",
        "full-metadata-refuses-writes",
    ],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    (0..facts.filesystems.len())
        .filter_map(|index| Some(told(facts, index, &fill(facts, chosen, index)?)))
        .collect()
}

fn told(facts: &Facts, filesystem: usize, fill: &Fill) -> Found {
    let (workload, volume) = fill.volume;
    let workload = &facts.workloads[workload];
    let volume = &workload.volumes[volume];
    let name = facts.filesystems[filesystem].name;
    let policy = fill.policy.map(|policy| facts.policies[policy].name);
    let mut related = vec![OptionPath::of(["filesystems", name.as_str()])];
    related.extend(policy.map(|policy| OptionPath::of(["policies", policy.as_str(), "keep"])));
    let copies = match workload.replicas {
        1 => String::new(),
        copies => format!(" in {copies} copies"),
    };
    let message = if fill.snapshots == 0 && fill.grown == 0 {
        format!("{name} is full before the first snapshot: the declared sizes alone do not fit")
    } else {
        format!(
            "{name} is full on day {} ({}): snapshots of {}/{}{copies} hold {}, and it has grown by {}",
            fill.day + 1,
            fill.date,
            workload.name,
            volume.name,
            gibibytes(fill.snapshots.into()),
            gibibytes(fill.grown.into()),
        )
    };
    Found {
        at: workload.volume_at(volume),
        message,
        help: help(facts, fill),
        related,
    }
}

fn help(facts: &Facts, fill: &Fill) -> String {
    let remedies: Vec<String> = fill
        .remedies
        .iter()
        .map(|remedy| match remedy {
            Remedy::Keep {
                policy,
                kind,
                count,
            } => format!(
                "set `policies.{}.keep.{kind}` to {count}",
                facts.policies[*policy].name
            ),
            Remedy::Usable(bytes) => {
                format!("make room for {} of files", gibibytes((*bytes).into()))
            }
        })
        .collect();
    format!(
        "{}; `podman-btrfs plan --simulate` shows the year",
        remedies.join(", or ")
    )
}
