#![doc = include_str!("document_unreadable.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB101",
    name: "document-unreadable",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "the document cannot be read",
    page: include_str!("document_unreadable.md"),
    proofs: &[],
    decide: Decide::WhileReading,
};
