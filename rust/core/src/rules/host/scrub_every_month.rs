#![doc = include_str!("scrub_every_month.md")]

use crate::finding::Level;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};
use crate::spec::{Often, Profile};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB801",
    name: "scrub-every-month",
    stage: Stage::Host,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how often everything is read and held against its checksums",
    page: include_str!("scrub_every_month.md"),
    proofs: &["scrub-finds-what-nobody-reads"],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let data = view.choices().data_profile.flatten();
    let reason = if data.is_some_and(|data| data.copies() > 1) {
        "what decays unread is found while its other copy is good, and healed from it"
    } else {
        "what decays unread is found while a backup still holds it"
    };
    let declared = view.this().declared.upkeep.scrub;
    Some(Verdict {
        choice: FilesystemChoice::Scrub(Often::Monthly),
        reason: reason.into(),
        evidence: vec![("dataProfile", data.map_or("unknown", Profile::name).into())],
        would_change: "nothing but the option",
        declared: declared.map(|often| {
            let at = view.option("upkeep").key("scrub");
            (FilesystemChoice::Scrub(often), at)
        }),
    })
}
