#![doc = include_str!("name_declared_twice.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB105",
    name: "name-declared-twice",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "one name twice in the same place",
    page: include_str!("name_declared_twice.md"),
    proofs: &[],
    decide: Decide::WhileReading,
};
