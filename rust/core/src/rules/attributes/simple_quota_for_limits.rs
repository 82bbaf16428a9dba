#![doc = include_str!("simple_quota_for_limits.md")]

use crate::finding::Level;
use crate::plan::QuotaMode;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB405",
    name: "simple-quota-for-limits",
    stage: Stage::Attributes,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether limits are accounted, and how",
    page: include_str!("simple_quota_for_limits.md"),
    proofs: &["simple-quota-limits-subvolume"],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let limits = view.this().limits;
    let (mode, reason) = if limits > 0 {
        (
            QuotaMode::Simple,
            "a limit needs accounting, and simple quotas do it without the rescans that make classic qgroups slow under snapshots",
        )
    } else {
        (QuotaMode::None, "nothing on it has a limit")
    };
    Some(Verdict {
        choice: FilesystemChoice::Quota(mode),
        reason: reason.into(),
        evidence: vec![("limits", limits.to_string().into())],
        would_change: "a `limit` on one of its volumes",
        declared: None,
    })
}
