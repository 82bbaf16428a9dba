#![doc = include_str!("platform_of_host_not_said.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB534",
    name: "platform-of-host-not-said",
    stage: Stage::Engine,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "platforms of images, but not of the host",
    page: include_str!("platform_of_host_not_said.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let with_platforms = facts
        .workloads
        .iter()
        .filter(|w| !w.declared.platforms.is_empty());
    let places: Vec<OptionPath> = with_platforms.map(|w| w.at().key("platforms")).collect();
    if places.is_empty() || facts.spec.host.platform.is_some() {
        return Vec::new();
    }
    vec![Found {
        at: OptionPath::of(["host", "platform"]),
        message: "workloads say which platforms they hold, and the host's own is not known: which of them run here is open, and no emulator is planned but for `emulated`".into(),
        help: "set `host.platform`; the NixOS module fills it from `pkgs.stdenv.hostPlatform`".into(),
        related: places,
    }]
}
