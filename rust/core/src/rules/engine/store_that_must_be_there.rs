#![doc = include_str!("store_that_must_be_there.md")]

use crate::analysis::{Facts, GRAPH_ROOT};
use crate::finding::Level;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};
use crate::units::{HostPath, Text};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB511",
    name: "store-that-must-be-there",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "mounts without which Podman does not find its store",
    page: include_str!("store_that_must_be_there.md"),
    proofs: &[
        "additional-stores-need-overlay-and-their-directory",
        "store-keeps-its-first-settings",
    ],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, chosen: &Choices) -> Option<Verdict<EngineChoice>> {
    chosen.engine.driver?;
    let additional = &facts.spec.engine.additional_image_stores;
    let reason = if additional.is_empty() {
        "where the store is not mounted, Podman makes a new one in its place"
    } else {
        "where the store is not mounted, Podman makes a new one in its place, and while an additional image store is missing every command of it fails"
    };
    let mut needed = vec![HostPath::parse(GRAPH_ROOT).ok()?];
    needed.extend(additional.iter().cloned());
    Some(Verdict {
        choice: EngineChoice::RequiredMounts(needed),
        reason: reason.into(),
        evidence: Vec::new(),
        would_change: "`engine.additionalImageStores`",
        declared: None,
    })
}
