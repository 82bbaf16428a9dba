#![doc = include_str!("balance_when_needed.md")]

use crate::finding::Level;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB803",
    name: "balance-when-needed",
    stage: Stage::Host,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether mostly empty chunks are given back when that is needed",
    page: include_str!("balance_when_needed.md"),
    proofs: &[
        "full-metadata-refuses-writes",
        "balance-gives-back-mostly-empty-chunks",
    ],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let declared = view.this().declared.upkeep.balance;
    Some(Verdict {
        choice: FilesystemChoice::Balance(true),
        reason: "chunks of data that are mostly empty are given back before metadata finds no room; where there is room nothing is moved".into(),
        evidence: Vec::new(),
        would_change: "nothing but the option",
        declared: declared.map(|on| {
            let at = view.option("upkeep").key("balance");
            (FilesystemChoice::Balance(on), at)
        }),
    })
}
