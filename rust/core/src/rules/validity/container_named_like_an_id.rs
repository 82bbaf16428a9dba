#![doc = include_str!("container_named_like_an_id.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB118",
    name: "container-named-like-an-id",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "a container's name that could begin another's id",
    page: include_str!("container_named_like_an_id.md"),
    proofs: &["name-like-an-id-removes-another-container"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for name in workload.declared.containers.keys() {
            let text = name.as_str();
            if !text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            {
                continue;
            }
            found.push(Found {
                at: workload.at().key("containers").key(text),
                message: format!(
                    "`{text}` could be the beginning of another container's id, and{} Podman then removes that one where `{text}` was meant",
                    chance(text.len())
                ),
                help: format!("give it a name with a letter after f or a `-`, such as `{text}-1`"),
                related: Vec::new(),
            });
        }
    }
    found
}

/// How many ids begin with a name of that length, where that is often enough to be felt.
fn chance(length: usize) -> String {
    match u32::try_from(length) {
        Ok(digits @ 1..=6) => format!(" 1 of {} does begin so:", 16_u32.pow(digits)),
        _ => String::new(),
    }
}
