#![doc = include_str!("rootless_overlay_too_early.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB517",
    name: "rootless-overlay-too-early",
    stage: Stage::Engine,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "rootless overlay on a kernel that cannot mount it",
    page: include_str!("rootless_overlay_too_early.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let kernel = facts.spec.host.kernel.as_ref();
    let Some(kernel) = kernel.filter(|kernel| !kernel.at_least(5, 13)) else {
        return Vec::new();
    };
    if chosen.engine.driver != Some(Driver::Overlay) || facts.spec.engine.users.is_empty() {
        return Vec::new();
    }
    vec![Found {
        at: OptionPath::of(["engine", "users"]),
        message: format!(
            "Linux {kernel} does not let users mount overlay as rootless Podman does; 5.13 is the first that does"
        ),
        help: "use a newer kernel".into(),
        related: vec![OptionPath::of(["host", "kernel"])],
    }]
}
