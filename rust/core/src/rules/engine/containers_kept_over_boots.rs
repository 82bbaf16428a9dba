#![doc = include_str!("containers_kept_over_boots.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB512",
    name: "containers-kept-over-boots",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether containers are forgotten at boot",
    page: include_str!("containers_kept_over_boots.md"),
    proofs: &["transient-store-forgets-volumes"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<EngineChoice>> {
    facts.engine_filesystem?;
    let declared = facts.spec.engine.transient_store?;
    Some(Verdict {
        choice: EngineChoice::TransientStore(false),
        reason: "a transient store forgets named volumes with the containers and leaves their layers behind".into(),
        evidence: Vec::new(),
        would_change: "`engine.transientStore`",
        declared: Some((
            EngineChoice::TransientStore(declared),
            OptionPath::of(["engine", "transientStore"]),
        )),
    })
}
