//! How a workload as a whole writes, from the classes of its volumes and the figures that are declared.

use std::collections::BTreeMap;

use super::WritePattern;
use crate::spec::{Class, Volume};
use crate::units::Rate;

/// How a workload as a whole writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkloadPattern {
    /// One pattern rules: the only one, or by far the most of what is written.
    One(WritePattern),
    /// Several, none of which rules.
    Mixed,
    /// Of no volume is it known what it holds.
    Unknown,
}

impl WorkloadPattern {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::One(pattern) => pattern.name(),
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }
}

/// How a volume writes: as its class does; where most of it is replaced within two days, in bursts.
#[must_use]
pub fn of_volume(class: Class, declared: &Volume) -> WritePattern {
    let usual = class.traits().writes;
    let (Some(size), Some(churn)) = (declared.size, declared.churn) else {
        return usual;
    };
    // A database overwrites its pages, however many; it is not emptied.
    let is_replaced = churn.bytes_per_day() >= size.bytes() / 2;
    if is_replaced && usual != WritePattern::RandomOverwrite {
        WritePattern::Burst
    } else {
        usual
    }
}

/// The pattern of a workload, from its volumes.
#[must_use]
pub fn of_workload<'v>(
    volumes: impl Iterator<Item = (Option<Class>, &'v Volume)>,
) -> WorkloadPattern {
    let mut written: BTreeMap<WritePattern, Option<u64>> = BTreeMap::new();
    for (class, declared) in volumes {
        let Some(class) = class else { continue };
        let daily = match (declared.growth, declared.churn) {
            (None, None) => None,
            (growth, churn) => {
                let bytes = |rate: Option<Rate>| rate.map_or(0, Rate::bytes_per_day);
                Some(bytes(growth).saturating_add(bytes(churn)))
            }
        };
        let total = written.entry(of_volume(class, declared)).or_insert(Some(0));
        *total = total
            .zip(daily)
            .map(|(one, other)| one.saturating_add(other));
    }
    // Configuration is beside everything and rules nothing.
    if written.len() > 1 {
        written.remove(&WritePattern::ReadMostly);
    }
    match (written.first_key_value(), written.len()) {
        (None, _) => WorkloadPattern::Unknown,
        (Some((only, _)), 1) => WorkloadPattern::One(*only),
        (Some(_), _) => ruling(&written).map_or(WorkloadPattern::Mixed, WorkloadPattern::One),
    }
}

/// The pattern of three quarters of what is written a day, where that is declared of all.
fn ruling(written: &BTreeMap<WritePattern, Option<u64>>) -> Option<WritePattern> {
    let daily: Option<Vec<(WritePattern, u64)>> = written
        .iter()
        .map(|(pattern, bytes)| Some((*pattern, (*bytes)?)))
        .collect();
    let daily = daily?;
    let total = daily
        .iter()
        .fold(0, |sum: u64, (_, bytes)| sum.saturating_add(*bytes));
    let (pattern, most) = daily.into_iter().max_by_key(|(_, bytes)| *bytes)?;
    (total > 0 && most >= total / 4 * 3).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(volumes: &[(Option<Class>, &str)]) -> WorkloadPattern {
        let volumes: Vec<(Option<Class>, Volume)> = volumes
            .iter()
            .map(|(class, json)| (*class, serde_json::from_str(json).unwrap()))
            .collect();
        of_workload(volumes.iter().map(|(class, volume)| (*class, volume)))
    }

    #[test]
    fn configuration_beside_it_changes_nothing() {
        let alone = [(Some(Class::Database), "{}")];
        let beside = [
            (Some(Class::Database), "{}"),
            (Some(Class::Configuration), "{}"),
        ];
        let expected = WorkloadPattern::One(WritePattern::RandomOverwrite);
        assert_eq!(pattern(&alone), expected);
        assert_eq!(pattern(&beside), expected);
        assert_eq!(
            pattern(&[(Some(Class::Configuration), "{}")]),
            WorkloadPattern::One(WritePattern::ReadMostly)
        );
    }

    #[test]
    fn several_are_mixed_unless_the_figures_say_which_rules() {
        let mixed = [(Some(Class::Database), "{}"), (Some(Class::Media), "{}")];
        assert_eq!(pattern(&mixed), WorkloadPattern::Mixed);
        let half = [
            (Some(Class::Database), r#"{"churn": "9G/day"}"#),
            (Some(Class::Media), "{}"),
        ];
        assert_eq!(
            pattern(&half),
            WorkloadPattern::Mixed,
            "one figure is no ratio"
        );
        let whole = [
            (Some(Class::Database), r#"{"churn": "9G/day"}"#),
            (Some(Class::Media), r#"{"growth": "1G/day"}"#),
        ];
        assert_eq!(
            pattern(&whole),
            WorkloadPattern::One(WritePattern::RandomOverwrite)
        );
    }

    #[test]
    fn what_is_replaced_within_two_days_is_a_burst() {
        let of = |class, json: &str| of_volume(class, &serde_json::from_str(json).unwrap());
        let replaced = r#"{"size": "10G", "churn": "5G/day"}"#;
        assert_eq!(of(Class::Documents, replaced), WritePattern::Burst);
        assert_eq!(of(Class::Database, replaced), WritePattern::RandomOverwrite);
        let kept = r#"{"size": "10G", "churn": "4G/day"}"#;
        assert_eq!(of(Class::Documents, kept), WritePattern::ManySmallFiles);
    }

    #[test]
    fn of_nothing_known_nothing_is_said() {
        assert_eq!(pattern(&[]), WorkloadPattern::Unknown);
        assert_eq!(pattern(&[(None, "{}")]), WorkloadPattern::Unknown);
    }
}
