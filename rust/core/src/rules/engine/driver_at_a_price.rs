#![doc = include_str!("driver_at_a_price.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB503",
    name: "driver-at-a-price",
    stage: Stage::Engine,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a storage driver that costs more than it gives",
    page: include_str!("driver_at_a_price.md"),
    proofs: &["min-space-turns-quotas-on", "overlay-on-btrfs-native"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let engine = &facts.spec.engine;
    let price = match chosen.engine.driver.or(engine.driver) {
        Some(Driver::Btrfs) => {
            "the btrfs driver makes a nested subvolume of each layer, which snapshots of the store leave out, and cannot pull in parts"
        }
        Some(Driver::Vfs) => "the vfs driver copies the whole image for each container",
        Some(Driver::Overlay) | None => return Vec::new(),
    };
    let (at, help) = if engine
        .existing
        .store
        .as_ref()
        .is_some_and(|store| store.driver.is_some())
    {
        (
            OptionPath::of(["engine", "existing", "store", "driver"]),
            "empty the store with `podman system reset`, then remove `engine.existing.store` and `engine.driver` to use overlay",
        )
    } else {
        (
            OptionPath::of(["engine", "driver"]),
            "remove this line to use overlay; a store that exists must be emptied first",
        )
    };
    vec![Found {
        at,
        message: price.into(),
        help: help.into(),
        related: Vec::new(),
    }]
}
