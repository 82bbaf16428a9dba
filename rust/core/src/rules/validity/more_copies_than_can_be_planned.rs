#![doc = include_str!("more_copies_than_can_be_planned.md")]

use crate::analysis::{Facts, WorkloadFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB117",
    name: "more-copies-than-can-be-planned",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "more copies of volumes than one host can hold",
    page: include_str!("more_copies_than_can_be_planned.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

/// Volumes of all copies that one plan may hold; far above what a host runs, far below what fills memory.
const MOST: u64 = 200_000;

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let copies = |workload: &WorkloadFacts| {
        u64::from(workload.replicas)
            * (workload.volumes.len() + workload.declared.containers.len()).max(1) as u64
    };
    let total: u64 = facts.workloads.iter().map(copies).sum();
    let largest = facts
        .workloads
        .iter()
        .max_by_key(|workload| copies(workload));
    match largest {
        Some(largest) if total > MOST => vec![Found {
            at: largest.at().key("replicas"),
            message: format!(
                "all copies together have {total} volumes and containers, and {MOST} can be planned for one host"
            ),
            help: format!(
                "lower `replicas`; `{}` alone has {} of them",
                largest.name,
                copies(largest)
            ),
            related: Vec::new(),
        }],
        _ => Vec::new(),
    }
}
