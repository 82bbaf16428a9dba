#![doc = include_str!("partial_pulls_with_overlay.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB502",
    name: "partial-pulls-with-overlay",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether layers are pulled in parts",
    page: include_str!("partial_pulls_with_overlay.md"),
    proofs: &[],
    decide: Decide::Engine(decide),
};

fn decide(_: &Facts, chosen: &Choices) -> Option<Verdict<EngineChoice>> {
    let overlay = chosen.engine.driver? == Driver::Overlay;
    let reason = if overlay {
        "files that another image brought already are shared by reflink instead of stored again"
    } else {
        "only the overlay driver can pull in parts"
    };
    Some(Verdict {
        choice: EngineChoice::PartialImages(overlay),
        reason: reason.into(),
        evidence: vec![("driver", chosen.engine.driver?.name().into())],
        would_change: "another `engine.driver`",
        declared: None,
    })
}
