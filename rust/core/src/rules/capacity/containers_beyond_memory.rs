#![doc = include_str!("containers_beyond_memory.md")]

use crate::analysis::Facts;
use crate::density::assumed::LEAST_MEMORY;
use crate::density::{by_store, containers};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB715",
    name: "containers-beyond-memory",
    stage: Stage::Capacity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "more containers than memory holds, however small they are",
    page: include_str!("containers_beyond_memory.md"),
    proofs: &["container-costs-besides-its-own"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let Some(memory) = facts.spec.host.memory else {
        return Vec::new();
    };
    let all = by_store(facts).all();
    let least = all.saturating_mul(LEAST_MEMORY);
    let largest = facts
        .workloads
        .iter()
        .max_by_key(|workload| containers(workload));
    match largest {
        Some(largest) if least > memory.bytes() => vec![Found {
            at: largest.at().key("replicas"),
            message: format!(
                "this host will not hold {all} containers: at {} MiB each, which is less than a real one takes, they want {} GiB, and it has {} GiB",
                LEAST_MEMORY >> 20,
                least >> 30,
                memory.bytes() >> 30
            ),
            help: format!(
                "lower `replicas` so that all workloads together have less than {} containers, or correct `host.memory`",
                memory.bytes() / LEAST_MEMORY
            ),
            related: vec![crate::option_path::OptionPath::of(["host", "memory"])],
        }],
        _ => Vec::new(),
    }
}
