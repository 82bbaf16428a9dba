#![doc = include_str!("podman_version_unknown.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB505",
    name: "podman-version-unknown",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "a store for a Podman whose version is not known",
    page: include_str!("podman_version_unknown.md"),
    proofs: &["storage-conf-as-podman-reads-it"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    if facts.engine_filesystem.is_none() || facts.spec.host.podman.is_some() {
        return Vec::new();
    }
    let rootless = if facts.spec.engine.users.is_empty() {
        ""
    } else {
        "; the stores of users are found by Podman up to 5 only"
    };
    vec![Found {
        at: OptionPath::of(["host", "podman"]),
        message: format!(
            "not said, so storage.conf holds only what Podman 4, 5 and 6 all know{rootless}"
        ),
        help: "say what `podman --version` prints on the host".into(),
        related: Vec::new(),
    }]
}
