#![doc = include_str!("value_not_understood.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB103",
    name: "value-not-understood",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a value of the wrong kind, unit or spelling",
    page: include_str!("value_not_understood.md"),
    proofs: &[],
    decide: Decide::WhileReading,
};
