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
    proofs: &["overlay-on-btrfs-native", "store-keeps-its-first-settings"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<EngineChoice>> {
    facts.engine_filesystem?;
    let engine = &facts.spec.engine;
    let existing = engine
        .existing
        .store
        .as_ref()
        .and_then(|store| store.driver);
    let (driver, reason) = match existing {
        Some(driver) => (
            driver,
            "the store that exists was made by it, and Podman keeps the driver of its first start",
        ),
        None => (
            Driver::Overlay,
            "overlay works natively on Btrfs, copies up by reflink, and leaves no subvolume for each layer",
        ),
    };
    Some(Verdict {
        choice: EngineChoice::Driver(driver),
        reason: reason.into(),
        evidence: existing
            .map(|driver| ("driver of the store", driver.name().into()))
            .into_iter()
            .collect(),
        would_change: "`engine.driver`; a store that exists is emptied first",
        declared: engine.driver.map(|driver| {
            let at = OptionPath::of(["engine", "driver"]);
            (EngineChoice::Driver(driver), at)
        }),
    })
}
