#![doc = include_str!("schema_version_unknown.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB104",
    name: "schema-version-unknown",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a declaration of a version that this helper does not know",
    page: include_str!("schema_version_unknown.md"),
    proofs: &[],
    decide: Decide::WhileReading,
};
