#![doc = include_str!("container_in_two_workloads.md")]

use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::validity::take;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB113",
    name: "container-in-two-workloads",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "one container's name in two workloads or copies",
    page: include_str!("container_in_two_workloads.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    let mut taken = BTreeMap::new();
    for workload in &facts.workloads {
        for container in workload.declared.containers.keys() {
            let at = workload.at().key("containers").key(container.as_str());
            let clash = take(&mut taken, container, workload.replicas, &at);
            found.extend(clash.map(|(name, first)| Found {
                at,
                message: format!("the container `{name}` belongs to `{first}` already"),
                help: "put it in one workload; a second copy of a workload adds `-2` and so on to its containers' names".into(),
                related: vec![first],
            }));
        }
    }
    found
}
