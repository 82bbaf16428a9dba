#![doc = include_str!("old_name_in_use.md")]

use crate::finding::Level;
use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::WorkloadName;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB115",
    name: "old-name-in-use",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a workload renamed from a name that is still declared",
    page: include_str!("old_name_in_use.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    let mut heirs: BTreeMap<&WorkloadName, OptionPath> = BTreeMap::new();
    for workload in &facts.workloads {
        let Some(old) = &workload.declared.renamed_from else {
            continue;
        };
        let at = workload.at().key("renamedFrom");
        if facts.spec.workloads.contains_key(old) {
            found.push(Found {
                at: at.clone(),
                message: format!(
                    "`{old}` is still declared, so its data cannot pass to `{}`",
                    workload.name
                ),
                help: "remove the old workload, or this line".into(),
                related: vec![OptionPath::of(["workloads", old.as_str()])],
            });
        }
        if let Some(first) = heirs.insert(old, at.clone()) {
            found.push(Found {
                at,
                message: format!("the data of `{old}` already passes to the workload of `{first}`"),
                help: "let one workload take the data over".into(),
                related: vec![first],
            });
        }
    }
    found
}
