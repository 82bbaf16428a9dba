#![doc = include_str!("tool_by_targets.md")]

use super::taker_by_consistency::beyond_tools;
use crate::finding::Level;
use crate::rules::{Decide, PolicyChoice, PolicyView, Rule, Stage, Verdict};
use crate::spec::SnapshotTool;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB604",
    name: "tool-by-targets",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "btrbk where copies leave the host or runs are many, else snapper",
    page: include_str!("tool_by_targets.md"),
    proofs: &[
        "btrbk-keeps-what-retention-says",
        "received-copy-is-whole-before-its-data",
        "snapper-needs-snapshots-subvolume",
    ],
    decide: Decide::Policy(decide),
};

/// Above this, one snapper configuration for each subvolume is more than a person reads.
const MOST_FOR_SNAPPER: u64 = 20;
/// Snapper's timer is one for all its configurations and its retention begins with the hour.
const SHORTEST_FOR_SNAPPER: u64 = 3600;

fn decide(view: &PolicyView) -> Option<Verdict<PolicyChoice>> {
    let policy = view.this();
    let interval = view.chosen.policies[view.index]
        .schedule
        .as_ref()?
        .interval_seconds;
    let groups = groups_beyond(view);
    let (tool, reason) = if !policy.declared.targets.is_empty() {
        (
            SnapshotTool::Btrbk,
            "it sends copies to its targets".to_owned(),
        )
    } else if interval != SHORTEST_FOR_SNAPPER {
        (
            SnapshotTool::Btrbk,
            "each of its policies has a timer of its own; snapper has one, hourly, for all"
                .to_owned(),
        )
    } else if policy.followers > MOST_FOR_SNAPPER {
        (
            SnapshotTool::Btrbk,
            format!(
                "one configuration holds all {} subvolumes",
                policy.followers
            ),
        )
    } else if groups > 0 {
        (
            SnapshotTool::Btrbk,
            "it prunes what we take of groups that no tool can take; snapper prunes only its own"
                .to_owned(),
        )
    } else {
        (
            SnapshotTool::Snapper,
            "nothing leaves the host, and snapper shows and undoes single changes".to_owned(),
        )
    };
    Some(Verdict {
        choice: PolicyChoice::Tool(tool),
        reason: reason.into(),
        evidence: vec![
            ("targets", policy.declared.targets.len().to_string().into()),
            ("followers", policy.followers.to_string().into()),
            ("groups", groups.to_string().into()),
        ],
        would_change: "targets, another `rpo`, more copies of workloads, what their groups ask for, or `tool`",
        declared: policy
            .declared
            .tool
            .map(|tool| (PolicyChoice::Tool(tool), view.option("tool"))),
    })
}

/// How many workloads under this policy are taken by us.
fn groups_beyond(view: &PolicyView) -> usize {
    let workloads = view.facts.workloads.iter().zip(&view.chosen.workloads);
    workloads
        .filter(|(workload, choices)| {
            workload.policy == Some(view.index) && beyond_tools(workload, choices).is_some()
        })
        .count()
}
