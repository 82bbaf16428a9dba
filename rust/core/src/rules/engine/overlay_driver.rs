#![doc = include_str!("overlay_driver.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB501",
    name: "overlay-driver",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "the storage driver of Podman",
    page: include_str!("overlay_driver.md"),
    proofs: &["overlay-on-btrfs-native"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<EngineChoice>> {
    facts.engine_filesystem?;
    Some(Verdict {
        choice: EngineChoice::Driver(Driver::Overlay),
        reason: "overlay works natively on Btrfs, copies up by reflink, and leaves no subvolume for each layer".into(),
        evidence: Vec::new(),
        would_change: "`engine.driver`",
        declared: facts
            .spec
            .engine
            .driver
            .map(|driver| (EngineChoice::Driver(driver), OptionPath::of(["engine", "driver"]))),
    })
}
