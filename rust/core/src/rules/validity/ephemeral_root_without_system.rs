#![doc = include_str!("ephemeral_root_without_system.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB133",
    name: "ephemeral-root-without-system",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "an ephemeral root on a filesystem that holds no system",
    page: include_str!("ephemeral_root_without_system.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .filesystems
        .iter()
        .filter(|filesystem| filesystem.declared.ephemeral_root == Some(true))
        .filter(|filesystem| filesystem.declared.system != Some(true))
        .map(|filesystem| {
            let at = OptionPath::of(["filesystems", filesystem.name.as_str()]);
            Found {
                at: at.key("ephemeralRoot"),
                message: "there is no root here that could be begun anew: this filesystem does not hold the system".into(),
                help: "set `system = true` on the filesystem of `/`, and `ephemeralRoot` there".into(),
                related: vec![at.key("system")],
            }
        })
        .collect()
}
