#![doc = include_str!("copy_only_while_active.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB624",
    name: "copy-only-while-active",
    stage: Stage::Protection,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a backup that is skipped, unnoticed, while the workload is down",
    page: include_str!("copy_only_while_active.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .workloads
        .iter()
        .filter(|workload| {
            let backup = workload.declared.existing.backup;
            backup.is_some_and(|backup| backup.only_when_active == Some(true))
        })
        .map(|workload| Found {
            at: workload.at().key("existing").key("backup").key("onlyWhenActive"),
            message: format!(
                "while {} does not run no copy is made and nothing fails: the backup grows stale without an alarm, and a wrong unit name skips every one",
                workload.name
            ),
            help: "copy whether it runs or not (a workload at rest needs no stop), and raise an alarm when the newest copy is too old".into(),
            related: Vec::new(),
        })
        .collect()
}
