#![doc = include_str!("encrypted_copies_each_hour.md")]

use super::encrypted_copies_are_whole::used;
use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB627",
    name: "encrypted-copies-each-hour",
    stage: Stage::Protection,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a whole copy over the line each hour",
    page: include_str!("encrypted_copies_each_hour.md"),
    proofs: &["raw-copies-of-a-chain-stay-for-ever"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    used(facts, chosen)
        .into_iter()
        .filter(|one| one.keep.hourly.unwrap_or(0) > 0)
        .map(|one| Found {
            at: one.at().key("keep"),
            message: format!(
                "`{}` keeps one copy of each hour, and each is whole: all data under `{}` is sent and encrypted 24 times a day",
                one.name, one.policy
            ),
            help: "say `keep` for the target, without `hourly`".into(),
            related: Vec::new(),
        })
        .collect()
}
