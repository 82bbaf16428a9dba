#![doc = include_str!("writer_outside_the_group.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Consistency;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB130",
    name: "writer-outside-the-group",
    stage: Stage::Validity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a writer that the owner's snapshots do not wait for",
    page: include_str!("writer_outside_the_group.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for (of, used) in workload
            .declared
            .uses
            .iter()
            .filter(|(_, used)| used.writes())
        {
            let owner = facts.spec.workloads.get(&of.workload);
            let Some(protection) = owner.and_then(|owner| owner.protection.as_ref()) else {
                continue;
            };
            if protection.consistency != Some(Consistency::Application) || used.mounts.is_empty() {
                continue;
            }
            found.push(Found {
                at: workload.at().key("uses").key(of.to_string()).key("access"),
                message: format!("the snapshots of `{}` quiesce its own containers, and this workload writes there meanwhile: they show its files half written", of.workload),
                help: format!("move these containers into `{}`, or use the volume read-only", of.workload),
                related: vec![OptionPath::of(["workloads", of.workload.as_str(), "protection"]).key("consistency")],
            });
        }
    }
    found
}
