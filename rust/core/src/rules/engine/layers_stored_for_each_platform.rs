#![doc = include_str!("layers_stored_for_each_platform.md")]

use crate::analysis::{Facts, WorkloadFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB533",
    name: "layers-stored-for-each-platform",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "images of several platforms, of which nothing is stored once",
    page: include_str!("layers_stored_for_each_platform.md"),
    proofs: &["architectures-share-nothing-by-themselves"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let several = |w: &&WorkloadFacts| w.declared.platforms.len() > 1;
    let Some(first) = facts.workloads.iter().find(several) else {
        return Vec::new();
    };
    let Some(driver) = chosen.engine.driver else {
        return Vec::new();
    };
    let help = if driver == Driver::Overlay {
        "push images as zstd:chunked, of which pulls share equal files, or deduplicate the `diff` folders of the store now and then (`duperemove`, `containers-storage dedup`)"
    } else {
        "use the overlay driver, whose layers are plain folders that can be deduplicated"
    };
    vec![Found {
        at: first.at().key("platforms"),
        message: format!(
            "images of several platforms share no layer: {} times their size is stored, however much is the same in them",
            first.declared.platforms.len()
        ),
        help: help.into(),
        related: facts
            .workloads
            .iter()
            .filter(several)
            .skip(1)
            .map(|w| w.at().key("platforms"))
            .collect(),
    }]
}
