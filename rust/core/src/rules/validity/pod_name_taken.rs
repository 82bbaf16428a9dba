#![doc = include_str!("pod_name_taken.md")]

use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::validity::take;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB139",
    name: "pod-name-taken",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a pod with the name of a container or of another pod",
    page: include_str!("pod_name_taken.md"),
    proofs: &["pods-and-containers-share-their-names"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut taken = BTreeMap::new();
    for workload in &facts.workloads {
        for container in workload.declared.containers.keys() {
            let at = workload.at().key("containers").key(container.as_str());
            let copies = (1..=workload.replicas).map(|copy| (container.replica(copy), at.clone()));
            taken.extend(copies);
        }
    }
    let mut found = Vec::new();
    for workload in &facts.workloads {
        let Some(pod) = &workload.declared.pod else {
            continue;
        };
        let at = workload.at().key("pod");
        let clash = take(&mut taken, pod, workload.replicas, &at);
        found.extend(clash.map(|(name, first)| Found {
            at,
            message: format!("`{name}` is the name of `{first}` already"),
            help: "give the pod a name of its own; a second copy of a workload adds `-2` and so on to it".into(),
            related: vec![first],
        }));
    }
    found
}
