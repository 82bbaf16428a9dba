#![doc = include_str!("store_in_the_way.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB515",
    name: "store-in-the-way",
    stage: Stage::Engine,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a store that the mount of the new one covers",
    page: include_str!("store_in_the_way.md"),
    proofs: &["store-keeps-its-first-settings"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let (Some(_), Some(driver)) = (&facts.spec.engine.existing.store, chosen.engine.driver) else {
        return Vec::new();
    };
    let help = if driver == Driver::Btrfs {
        "save what is worth it (`podman save`, `podman volume export`): a copy makes directories of the layers' subvolumes; then `rules.PB515.level = \"allow\"`"
    } else {
        "stop all containers, copy with `cp --archive --reflink=auto /var/lib/containers/. …` into the subvolume @containers before it is mounted, then `rules.PB515.level = \"allow\"`"
    };
    vec![Found {
        at: OptionPath::of(["engine", "existing", "store"]),
        message: "the subvolume of the stores is mounted at /var/lib/containers and hides what is there: images, containers and named volumes with their data".into(),
        help: help.into(),
        related: Vec::new(),
    }]
}
