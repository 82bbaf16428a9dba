#![doc = include_str!("unit_missing.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::{UnitState, units};
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB845",
    name: "unit-missing",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a unit of the plan is not there, or its timer does not wait",
    page: include_str!("unit_missing.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let Some(observed) = host.observed.units.get() else {
        return Vec::new();
    };
    let found = units(host.plan).into_iter().filter_map(|unit| {
        let state = observed.get(&unit.name).map_or(UnitState::Absent, |found| found.state);
        let what = match state {
            UnitState::Absent => "there is no such unit",
            UnitState::Inactive if unit.is_timer => "the timer does not wait for its time",
            UnitState::Active | UnitState::Inactive | UnitState::Failed => return None,
        };
        Some(Differs::new(
            &unit.name,
            format!("{what}; it {}", unit.does),
            "switch to the configuration of this plan, then `systemctl start` of the timer; where another timer does it, allow PB845",
            Remedy::Person,
        ))
    });
    found.collect()
}
