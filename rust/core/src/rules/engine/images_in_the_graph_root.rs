#![doc = include_str!("images_in_the_graph_root.md")]

use crate::analysis::{CONTAINERS, Facts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};
use crate::units::{HostPath, Text};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB509",
    name: "images-in-the-graph-root",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether images have a subvolume apart from containers",
    page: include_str!("images_in_the_graph_root.md"),
    proofs: &["image-store-holds-the-images"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<EngineChoice>> {
    facts.engine_filesystem?;
    let declared = facts.spec.engine.image_store?;
    let apart = HostPath::parse(CONTAINERS).ok()?.join("images");
    let declared = EngineChoice::ImageStore(declared.then_some(apart));
    Some(Verdict {
        choice: EngineChoice::ImageStore(None),
        reason: "one store is emptied, moved and measured in one piece".into(),
        evidence: Vec::new(),
        would_change: "`engine.imageStore`",
        declared: Some((declared, OptionPath::of(["engine", "imageStore"]))),
    })
}
