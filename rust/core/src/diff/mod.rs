//! What would change on a host between two plans, and what is dangerous in it.
//!
//! Both plans are walked side by side along the plan's own schema, so that no field is forgotten: every path
//! of a plan is claimed by one line of a table ([`claims`]), and a path that nobody claims is told as
//! [`Kind::NotUnderstood`], never passed over.

mod change;
mod claims;
mod containers;
mod engine;
mod filesystems;
mod groups;
mod host;
mod identity;
mod kind;
mod mounts;
mod protection;
mod retention;
mod series;
mod shape;
mod volumes;
mod workloads;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use kind::{Kind, Severity};

use crate::plan::{Plan, Subject};
use change::Sides;

/// One difference, and what it means on the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    pub kind: Kind,
    /// What it is about.
    pub subject: Subject,
    /// Which property; empty for the subject as a whole.
    pub field: String,
    /// The old value; absent: there was none.
    pub old: Option<Value>,
    /// The new value; absent: there is none any more.
    pub new: Option<Value>,
    /// What happens on the host when the new plan takes effect, in one sentence.
    pub happens: String,
    /// What to do, in one sentence; empty: nothing.
    pub remedy: String,
    /// The rule whose page tells more.
    pub rule: Option<String>,
    /// How many further copies of the workload it holds for too.
    pub copies: usize,
}

/// All differences, the gravest first.
#[must_use]
pub fn compare(old: &Plan, new: &Plan) -> Vec<Difference> {
    let sides = Sides::of(old, new);
    let mut found: Vec<Difference> = filesystems::renamed(&sides);
    for change in change::changes(&sides) {
        found.extend(claims::tell(&change, &sides));
    }
    let mut found = fold(found);
    for difference in &mut found {
        if difference.rule.is_none() {
            difference.rule = sides.rule(&difference.subject, &difference.field);
        }
    }
    found.sort_by(|a, b| {
        let order = |it: &Difference| (it.severity, it.subject.clone(), it.field.clone(), it.kind);
        let (a, b) = (order(a), order(b));
        (b.0, a.1, a.2, a.3).cmp(&(a.0, b.1, b.2, b.3))
    });
    found
}

/// True when somebody has to look or to act before the new plan takes effect.
#[must_use]
pub fn needs_a_person(differences: &[Difference]) -> bool {
    differences
        .iter()
        .any(|difference| difference.severity.needs_a_person())
}

/// Copies of a workload differ alike: the first is told, the others are counted.
fn fold(all: Vec<Difference>) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    let mut places: BTreeMap<(Kind, Subject, String), usize> = BTreeMap::new();
    for difference in all {
        let is_copied = matches!(
            difference.subject,
            Subject::Workload(_) | Subject::Volume(..)
        ) && difference.kind != Kind::FindingChanged;
        let key = (
            difference.kind,
            difference.subject.clone(),
            difference.field.clone(),
        );
        let known = places.get(&key).and_then(|place| found.get_mut(*place));
        if let Some(known) = known.filter(|_| is_copied) {
            known.copies += 1;
        } else {
            places.insert(key, found.len());
            found.push(difference);
        }
    }
    found
}
