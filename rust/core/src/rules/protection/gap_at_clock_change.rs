#![doc = include_str!("gap_at_clock_change.md")]

use crate::analysis::Facts;
use crate::clock::Calendar;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, PolicyView, Rule, Stage};
use crate::simulate::{Span, zone};
use crate::units::Duration;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB616",
    name: "gap-at-clock-change",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "the night on which clocks go back, and more than the `rpo` passes",
    page: include_str!("gap_at_clock_change.md"),
    proofs: &["calendar-timers-skip-the-doubled-hour"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let (zone, true) = zone(facts) else {
        return Vec::new();
    };
    let span = Span::default();
    let mut found = Vec::new();
    for index in 0..facts.policies.len() {
        let view = PolicyView {
            facts,
            chosen,
            index,
        };
        let Some(schedule) = &chosen.policies[index].schedule else {
            continue;
        };
        let Some(calendar) = Calendar::parse(&schedule.on_calendar) else {
            continue;
        };
        let Some((seconds, at)) = calendar.longest_gap(&zone, span.begin, span.days) else {
            continue;
        };
        let Some(allowed) = view.this().declared.rpo.map(Duration::seconds) else {
            continue;
        };
        let seconds = seconds.unsigned_abs();
        if view.this().followers > 0 && seconds > allowed {
            found.push(Found {
                at: view.option("rpo"),
                message: format!(
                    "{} pass between two snapshots when clocks are put back ({}), and {} may be lost",
                    Duration::from_seconds(seconds),
                    zone.date(at),
                    Duration::from_seconds(allowed)
                ),
                help: "allow for it, shorten the `rpo`, or set the host's time zone to UTC".into(),
                related: Vec::new(),
            });
        }
    }
    found
}
