#![doc = include_str!("all_snapshots_for_two_intervals.md")]

use crate::finding::Level;
use crate::rules::{Decide, PolicyChoice, PolicyView, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB603",
    name: "all-snapshots-for-two-intervals",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "for how long every snapshot is kept, before retention thins them",
    page: include_str!("all_snapshots_for_two_intervals.md"),
    proofs: &[],
    decide: Decide::Policy(decide),
};

fn decide(view: &PolicyView) -> Option<Verdict<PolicyChoice>> {
    let schedule = view.chosen.policies[view.index].schedule.as_ref()?;
    let hours = (2 * schedule.interval_seconds).div_ceil(3600);
    Some(Verdict {
        choice: PolicyChoice::KeepAllHours(u32::try_from(hours).unwrap_or(u32::MAX)),
        reason: "two intervals keep the newest snapshot and the one before it, whatever the retention says".into(),
        evidence: vec![("schedule", schedule.on_calendar.clone().into())],
        would_change: "another `rpo`",
        declared: None,
    })
}
