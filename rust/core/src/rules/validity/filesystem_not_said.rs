#![doc = include_str!("filesystem_not_said.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB107",
    name: "filesystem-not-said",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "nothing says which filesystem is meant",
    page: include_str!("filesystem_not_said.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let spec = facts.spec;
    let mut found = Vec::new();
    let mut ask = |needed: bool, said: bool, at: OptionPath| {
        if needed && !said && facts.filesystems.len() != 1 {
            found.push(unsaid(facts, at));
        }
    };
    let runs_something = !facts.workloads.is_empty() || !spec.engine.users.is_empty();
    ask(
        runs_something,
        spec.engine.filesystem.is_some(),
        OptionPath::of(["engine", "filesystem"]),
    );
    for workload in &facts.workloads {
        let needs = workload
            .volumes
            .iter()
            .any(|volume| volume.declared.filesystem.is_none());
        ask(
            needs,
            workload.declared.filesystem.is_some(),
            workload.at().key("filesystem"),
        );
    }
    found
}

fn unsaid(facts: &Facts, at: OptionPath) -> Found {
    let names: Vec<&str> = facts.filesystems.iter().map(|f| f.name.as_str()).collect();
    let (message, help) = if names.is_empty() {
        (
            "no filesystem is declared that could hold this".into(),
            "declare one in `filesystems`".into(),
        )
    } else {
        (
            format!(
                "{} filesystems are declared, and nothing says which of them holds this",
                names.len()
            ),
            format!("set it to one of: {}", names.join(", ")),
        )
    };
    Found {
        at,
        message,
        help,
        related: facts
            .filesystems
            .iter()
            .map(|filesystem| OptionPath::of(["filesystems", filesystem.name.as_str()]))
            .collect(),
    }
}
