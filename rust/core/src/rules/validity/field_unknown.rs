#![doc = include_str!("field_unknown.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB102",
    name: "field-unknown",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "an option that does not exist",
    page: include_str!("field_unknown.md"),
    proofs: &[],
    decide: Decide::WhileReading,
};
