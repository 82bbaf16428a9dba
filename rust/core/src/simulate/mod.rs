//! A simulated year: which snapshots are taken and kept day by day, what they hold, and when a filesystem is full.
//!
//! **The model of bytes.** A volume begins with its declared `size`, grows by `growth`, and never beyond `limit`.
//! Between two snapshots that are kept, what was overwritten in that time is held once more: `churn` times the time
//! between them, and never more than the volume itself, however often it was rewritten. After the newest snapshot
//! the same holds up to now. So it is an upper bound for a `churn` that counts what differs from one day to the
//! next; compression, deduplication and metadata (beyond its share of the disks) are not counted, nor are container
//! images and the system itself.

mod advice;
mod series;
mod stored;
mod year;

pub use advice::Remedy;
pub use series::{Day, Series, Timeline};
pub use stored::{Share, Stored, unknown};
pub use year::{Event, FilesystemYear, Fill, JobYear, Room, Simulation, fill, room};

use jiff::civil::Date;

use crate::analysis::{Facts, analyse};
use crate::clock::Zone;
use crate::finding::{Level, has_errors};
use crate::rules::{Choices, Outcome, decide};
use crate::spec::{RuleOverride, Spec};

/// The days that rules look ahead: a year, and the day on which a yearly snapshot falls due again.
pub const YEAR: u32 = 366;

/// When the simulated year begins where nothing else is said; a plan knows no clock.
pub const BEGIN: Date = Date::constant(2027, 1, 1);

/// What to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The first day.
    pub begin: Date,
    /// How many days.
    pub days: u32,
}

impl Default for Span {
    fn default() -> Self {
        Self {
            begin: BEGIN,
            days: YEAR,
        }
    }
}

impl Span {
    /// Begins on another day, written `2027-01-31`; `None` where that is no date.
    #[must_use]
    pub fn beginning(self, date: &str) -> Option<Self> {
        let begin = date.parse().ok()?;
        Some(Self { begin, ..self })
    }
}

/// Simulates a declaration; `None` where it cannot be planned, whatever its capacity.
#[must_use]
pub fn simulate(spec: &Spec, span: Span) -> Option<Simulation> {
    let mut spec = spec.clone();
    // The rule that plays the year itself has no part in it.
    let silent = RuleOverride {
        level: Some(Level::Allow),
    };
    spec.rules.insert("PB703".into(), silent);
    let facts = analyse(&spec);
    let Outcome {
        choices,
        diagnostics,
        ..
    } = decide(&facts);
    let others: Vec<_> = diagnostics
        .into_iter()
        .filter(|found| !found.code.starts_with("PB7"))
        .collect();
    (!has_errors(&others)).then(|| year::run(&facts, &choices, span))
}

/// The host's zone; the second value is false where it is not declared or not known, and UTC is assumed.
#[must_use]
pub fn zone(facts: &Facts) -> (Zone, bool) {
    let declared = facts.spec.host.time_zone.as_ref();
    match declared.and_then(Zone::named) {
        Some(zone) => (zone, true),
        None => (Zone::UTC, false),
    }
}

/// The series of snapshots of a policy, where its rules decided.
#[must_use]
pub fn series_of(choices: &Choices, policy: usize) -> Option<Series> {
    let chosen = &choices.policies[policy];
    Some(Series::new(
        chosen.tool?,
        chosen.schedule.as_ref()?,
        chosen.keep?,
        chosen.keep_all_hours?,
    ))
}
