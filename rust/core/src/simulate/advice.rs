//! What would let a policy fit.

use std::collections::BTreeMap;

use super::series::Timeline;
use super::stored::{Share, Stored};
use super::year::{Room, total};
use super::{Span, series_of, zone};
use crate::analysis::Facts;
use crate::rules::Choices;
use crate::space;
use crate::spec::Keep;

/// One change that is enough by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// A smaller number in a policy's `keep`; 0: leave it out.
    Keep {
        /// The policy's position.
        policy: usize,
        /// Which number.
        kind: &'static str,
        /// To what.
        count: u32,
    },
    /// More room: so many bytes of files must fit in all.
    Usable(u64),
}

/// The numbers of a policy, from those that hold most for longest.
type Number = (&'static str, fn(&mut Keep) -> &mut Option<u32>);

const NUMBERS: [Number; 5] = [
    ("yearly", |keep| &mut keep.yearly),
    ("monthly", |keep| &mut keep.monthly),
    ("weekly", |keep| &mut keep.weekly),
    ("daily", |keep| &mut keep.daily),
    ("hourly", |keep| &mut keep.hourly),
];

/// The largest smaller number of the blamed volume's policy that is enough, and the room that would be.
pub(super) fn remedies(
    facts: &Facts,
    choices: &Choices,
    (stored, room, peak): (&BTreeMap<Stored, Share>, Room, u64),
    timelines: &BTreeMap<usize, Timeline>,
    (blamed, span): (&Stored, Span),
) -> Vec<Remedy> {
    let limit = room.usable - room.reserve;
    let fits = |timelines: &BTreeMap<usize, Timeline>| {
        (0..span.days).all(|day| {
            let (live, held) = total(stored, timelines, day);
            live.saturating_add(held) <= limit
        })
    };
    let smaller = blamed.policy.and_then(|policy| {
        let series = series_of(choices, policy)?;
        let zone = zone(facts).0;
        let with = |number: Number, count: u32| {
            let mut series = series.clone();
            *number.1(&mut series.keep) = Some(count);
            let mut changed = timelines.clone();
            changed.insert(policy, series.play(&zone, span));
            fits(&changed)
        };
        NUMBERS.iter().find_map(|number| {
            let now = (*number.1(&mut series.keep.clone())).filter(|now| *now > 0)?;
            with(*number, 0).then(|| Remedy::Keep {
                policy,
                kind: number.0,
                count: largest(now, |count| with(*number, count)),
            })
        })
    });
    smaller
        .into_iter()
        .chain([Remedy::Usable(enough(peak))])
        .collect()
}

/// The largest count below `above` for which it holds; it holds for 0.
fn largest(above: u32, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut good, mut bad) = (0, above);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if holds(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}

/// The smallest whole number of gibibytes of which the reserve leaves as much as this.
fn enough(wanted: u64) -> u64 {
    const GIB: u64 = 1 << 30;
    let fits = |gibibytes: u64| {
        let usable = gibibytes.saturating_mul(GIB);
        usable - space::reserve(usable) >= wanted
    };
    let (mut low, mut high) = (wanted / GIB, (wanted / GIB).saturating_mul(2) + 4);
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    high.saturating_mul(GIB)
}
