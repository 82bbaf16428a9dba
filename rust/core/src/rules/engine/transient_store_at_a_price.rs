#![doc = include_str!("transient_store_at_a_price.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB513",
    name: "transient-store-at-a-price",
    stage: Stage::Engine,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a store that forgets named volumes at every boot",
    page: include_str!("transient_store_at_a_price.md"),
    proofs: &["transient-store-forgets-volumes"],
    decide: Decide::Find(find),
};

fn find(_: &Facts, chosen: &Choices) -> Vec<Found> {
    if chosen.engine.transient_store != Some(true) {
        return Vec::new();
    }
    vec![Found {
        at: OptionPath::of(["engine", "transientStore"]),
        message: "after every boot Podman knows no named volume any more, and the layers of the containers that ran stay behind".into(),
        help: "bind all data by path, as this plan does, run `podman system prune --external --force` at boot, and set `rules.PB513.level` to allow".into(),
        related: Vec::new(),
    }]
}
