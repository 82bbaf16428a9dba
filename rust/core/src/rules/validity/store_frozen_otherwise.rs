#![doc = include_str!("store_frozen_otherwise.md")]

use crate::analysis::{Facts, GRAPH_ROOT, RUN_ROOT};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::HostPath;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB119",
    name: "store-frozen-otherwise",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a store that exists and was started with other values",
    page: include_str!("store_frozen_otherwise.md"),
    proofs: &["store-keeps-its-first-settings"],
    decide: Decide::Find(find),
};

const HELP: &str = "empty the store with `podman system reset` while its old configuration is in force, then remove `engine.existing.store`; save first what is worth it (`podman save`, `podman volume export`)";

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let engine = &facts.spec.engine;
    let (Some(existing), true) = (&engine.existing.store, facts.engine_filesystem.is_some()) else {
        return Vec::new();
    };
    let volume_path = format!("{GRAPH_ROOT}/volumes");
    let path = |path: &Option<HostPath>| path.as_ref().map(ToString::to_string);
    let driver = existing.driver.map(|driver| driver.name().to_owned());
    let wanted_driver = engine.driver.map(crate::spec::Driver::name);
    [
        ("driver", driver, wanted_driver),
        ("graphRoot", path(&existing.graph_root), Some(GRAPH_ROOT)),
        ("runRoot", path(&existing.run_root), Some(RUN_ROOT)),
        ("volumePath", path(&existing.volume_path), Some(volume_path.as_str())),
    ]
    .into_iter()
    .filter_map(|(option, is, wanted)| {
        let (is, wanted) = (is?, wanted?);
        (is != wanted).then(|| Found {
            at: OptionPath::of(["engine", "existing", "store", option]),
            message: format!(
                "the store that exists was started with {is}, the plan says {wanted}, and Podman keeps what its database has from the first start"
            ),
            help: HELP.into(),
            related: if option == "driver" {
                vec![OptionPath::of(["engine", "driver"])]
            } else {
                Vec::new()
            },
        })
    })
    .collect()
}
