#![doc = include_str!("policy_that_contradicts_itself.md")]

use super::taker_by_consistency::beyond_tools;
use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, PolicyView, Rule, Stage};
use crate::spec::SnapshotTool;
use crate::units::Duration;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB605",
    name: "policy-that-contradicts-itself",
    stage: Stage::Protection,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "a policy that its tool or its schedule cannot keep",
    page: include_str!("policy_that_contradicts_itself.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for index in 0..facts.policies.len() {
        let view = PolicyView {
            facts,
            chosen,
            index,
        };
        let choices = &chosen.policies[index];
        let declared = view.this().declared;
        let interval = choices
            .schedule
            .as_ref()
            .map_or(0, |schedule| schedule.interval_seconds);
        if choices.tool == Some(SnapshotTool::Snapper) && !declared.targets.is_empty() {
            found.push(told(
                &view,
                "tool",
                "snapper sends nothing, so no copy would ever reach the targets",
                "use btrbk, or remove the targets",
            ));
        }
        if choices.tool == Some(SnapshotTool::Snapper) && interval < 3600 {
            found.push(told(&view, "tool", "snapper's timeline keeps one snapshot of each hour, so a shorter `rpo` would not last", "use btrbk, or an `rpo` of an hour"));
        }
        if choices.tool == Some(SnapshotTool::Snapper) {
            found.extend(groups_for_snapper(&view));
        }
        if declared.rpo.is_some_and(|rpo| rpo.seconds() < 60) {
            found.push(told(
                &view,
                "rpo",
                "no timer takes snapshots more often than each minute",
                "set it to `1min` or more",
            ));
        }
        let finer = [
            ("hourly", declared.keep.hourly, 3600),
            ("daily", declared.keep.daily, 86_400),
        ];
        for (option, count, period) in finer {
            if count.unwrap_or(0) > 0 && interval > period {
                let what = format!(
                    "{option} snapshots are to be kept, and one is taken only every {}",
                    Duration::from_seconds(interval)
                );
                found.push(told(
                    &view,
                    "keep",
                    &what,
                    "shorten the `rpo`, or keep fewer kinds",
                ));
            }
        }
    }
    found
}

/// Workloads under snapper whose group it cannot take: each snapshot is its own, and nobody holds still.
fn groups_for_snapper(view: &PolicyView) -> Option<Found> {
    let workloads = view.facts.workloads.iter().zip(&view.chosen.workloads);
    let beyond: Vec<_> = workloads
        .filter(|(workload, choices)| {
            workload.policy == Some(view.index) && beyond_tools(workload, choices).is_some()
        })
        .map(|(workload, _)| workload)
        .collect();
    let names: Vec<&str> = beyond.iter().map(|one| one.name.as_str()).collect();
    let asks = match names.as_slice() {
        [] => return None,
        [only] => format!("`{only}` asks"),
        several => format!("`{}` ask", several.join("`, `")),
    };
    Some(Found {
        related: beyond
            .iter()
            .map(|workload| workload.at().key("protection"))
            .collect(),
        ..told(
            view,
            "tool",
            &format!(
                "snapper takes each subvolume by itself, and {asks} for containers that hold still around the snapshots of a group; two tools on one subvolume would prune each other's"
            ),
            "use btrbk, which prunes and sends what podman-btrfs takes, or say another `consistency` there",
        )
    })
}

fn told(view: &PolicyView, option: &str, message: &str, help: &str) -> Found {
    Found {
        at: view.option(option),
        message: message.into(),
        help: help.into(),
        related: Vec::new(),
    }
}
