#![doc = include_str!("unit_failed.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::{UnitState, units};
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB844",
    name: "unit-failed",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "a unit that keeps the plan failed",
    page: include_str!("unit_failed.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let Some(observed) = host.observed.units.get() else {
        return Vec::new();
    };
    let failed = units(host.plan).into_iter().filter(|unit| {
        let found = observed.get(&unit.name);
        found.is_some_and(|found| found.state == UnitState::Failed)
    });
    let told = failed.map(|unit| {
        Differs::new(
            &unit.name,
            format!("it failed; it {}", unit.does),
            format!("`journalctl -u {}` says why", unit.name),
            Remedy::Person,
        )
    });
    told.collect()
}
