#![doc = include_str!("schedule_by_rpo.md")]

use std::iter;

use crate::analysis::Facts;
use crate::finding::Level;
use crate::plan::Schedule;
use crate::rules::{Decide, PolicyChoice, PolicyView, Rule, Stage, Verdict, yes_or_no};
use crate::simulate::{Span, zone};
use crate::units::Duration;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB601",
    name: "schedule-by-rpo",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "when snapshots are taken, by the loss that is allowed",
    page: include_str!("schedule_by_rpo.md"),
    proofs: &["calendar-timers-skip-the-doubled-hour"],
    decide: Decide::Policy(decide),
};

/// Seconds between runs and the calendar expression that runs so often; each divides the next larger
/// unit of the calendar, so that no run comes late at its turn.
pub(crate) const SCHEDULES: [(u64, &str); 15] = [
    (604_800, "weekly"),
    (86_400, "daily"),
    (43_200, "*-*-* 00/12:00:00"),
    (28_800, "*-*-* 00/8:00:00"),
    (21_600, "*-*-* 00/6:00:00"),
    (14_400, "*-*-* 00/4:00:00"),
    (10_800, "*-*-* 00/3:00:00"),
    (7_200, "*-*-* 00/2:00:00"),
    (3_600, "hourly"),
    (1_800, "*:00/30"),
    (1_200, "*:00/20"),
    (900, "*:00/15"),
    (600, "*:00/10"),
    (300, "*:00/5"),
    (60, "minutely"),
];

/// What holds where no loss is declared.
const DEFAULT_RPO: u64 = DAY;
const DAY: u64 = 86_400;

/// Whether the host's clock is put forward and back; a timer by it then leaves out an hour's runs each autumn.
fn changes_clocks(facts: &Facts) -> bool {
    let span = Span::default();
    let (zone, _) = zone(facts);
    zone.changes_within(span.begin, span.days)
}

fn decide(view: &PolicyView) -> Option<Verdict<PolicyChoice>> {
    let declared = view.this().declared.rpo;
    let rpo = declared.map_or(DEFAULT_RPO, Duration::seconds);
    // Nothing is more frequent than the last entry; PB605 tells of an RPO below it.
    let clock_changes = changes_clocks(view.facts);
    let (seconds, calendar) = *SCHEDULES
        .iter()
        .find(|(seconds, _)| *seconds <= rpo)
        .unwrap_or(&SCHEDULES[SCHEDULES.len() - 1]);
    let reason = match declared {
        Some(rpo) => {
            format!("{rpo} may be lost, and this is the longest regular interval within it")
        }
        None => "no `rpo` is declared, and a day is what most can bear to lose".to_owned(),
    };
    Some(Verdict {
        choice: PolicyChoice::Schedule(Schedule {
            on_calendar: if clock_changes && seconds < DAY {
                format!("{calendar} UTC")
            } else {
                calendar.to_owned()
            },
            interval_seconds: seconds,
        }),
        reason: reason.into(),
        evidence: iter::once(("rpo", Duration::from_seconds(rpo).to_string().into()))
            .chain(clock_changes.then(|| ("clock changes", yes_or_no(true))))
            .collect(),
        would_change: "another `rpo`",
        declared: None,
    })
}
