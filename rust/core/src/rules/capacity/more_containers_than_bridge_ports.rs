#![doc = include_str!("more_containers_than_bridge_ports.md")]

use crate::analysis::Facts;
use crate::density::assumed::BRIDGE_PORTS;
use crate::density::{by_store, containers};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB714",
    name: "more-containers-than-bridge-ports",
    stage: Stage::Capacity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "more containers than one bridge has ports",
    page: include_str!("more_containers_than_bridge_ports.md"),
    proofs: &["bridge-ports-end-at-1023"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let stores = by_store(facts);
    let bridges = stores.bridges();
    let of_root = facts.workloads.iter().filter(|w| w.declared.user.is_none());
    match of_root.max_by_key(|workload| containers(workload)) {
        Some(largest) if bridges > 1 => vec![Found {
            at: largest.at().key("replicas"),
            message: format!(
                "root runs {} containers; on one network they want as many ports of one bridge, and a bridge has {BRIDGE_PORTS}",
                stores.system
            ),
            help: format!(
                "give the copies {bridges} networks or more (`podman network create`, `--network`), or run some of them rootless or with the host's network"
            ),
            related: Vec::new(),
        }],
        _ => Vec::new(),
    }
}
