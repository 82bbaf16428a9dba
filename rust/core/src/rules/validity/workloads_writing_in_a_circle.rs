#![doc = include_str!("workloads_writing_in_a_circle.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::WorkloadName;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB129",
    name: "workloads-writing-in-a-circle",
    stage: Stage::Validity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "workloads that write into volumes of each other",
    page: include_str!("workloads_writing_in_a_circle.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut written: BTreeMap<&WorkloadName, BTreeSet<&WorkloadName>> = BTreeMap::new();
    for workload in &facts.workloads {
        for (of, used) in &workload.declared.uses {
            if used.writes() && of.workload != *workload.name {
                written
                    .entry(workload.name)
                    .or_default()
                    .insert(&of.workload);
            }
        }
    }
    let reached: BTreeMap<_, _> = written
        .keys()
        .map(|name| (*name, reach(name, &written)))
        .collect();
    let mut found = Vec::new();
    for (name, all) in reached.iter().filter(|(name, all)| all.contains(*name)) {
        let circle: Vec<&str> = all
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(name)))
            .map(|other| other.as_str())
            .collect();
        // Told once, at the first of them.
        if circle.first() == Some(&name.as_str()) {
            found.push(Found {
                at: OptionPath::of(["workloads", name.as_str(), "uses"]),
                message: format!("{} write into volumes of each other: none of them can be snapshotted or restored without the others", circle.join(", ")),
                help: "declare them as one workload, so that one snapshot holds what belongs together".into(),
                related: circle.iter().map(|other| OptionPath::of(["workloads", other, "uses"])).collect(),
            });
        }
    }
    found
}

/// All workloads into whose volumes `from` writes, directly or through others.
fn reach<'s>(
    from: &'s WorkloadName,
    written: &BTreeMap<&'s WorkloadName, BTreeSet<&'s WorkloadName>>,
) -> BTreeSet<&'s WorkloadName> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for next in written.get(name).into_iter().flatten() {
            if reached.insert(*next) {
                open.push(next);
            }
        }
    }
    reached
}
