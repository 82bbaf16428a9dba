//! Which earlier decisions a decision rests on.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::analysis::Facts;
use crate::plan::{Decision, Plan, Subject};

/// An earlier decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rest {
    /// What it is about.
    pub subject: Subject,
    /// Which property.
    pub field: String,
    /// Its value.
    pub value: Value,
    /// The rule that decided it.
    pub rule: String,
}

/// Facts in evidence that follow from a decision about a field of another name.
const FOLLOWS: &[(&str, &str)] = &[("snapshotted", "snapshot")];

/// A decision names what it rests on in its evidence, by the name of the field; the field is the subject's own
/// or that of something it belongs to.
pub(super) fn of(decision: &Decision, facts: &Facts, plan: &Plan) -> Vec<Rest> {
    let around = around(&decision.subject, facts);
    let earlier = plan
        .decisions
        .iter()
        .take_while(|earlier| !std::ptr::eq(*earlier, decision) && *earlier != decision);
    let mut found: Vec<(usize, Rest)> = Vec::new();
    for earlier in earlier {
        let Some(distance) = around.iter().position(|near| *near == earlier.subject) else {
            continue;
        };
        let is_named = decision.evidence.keys().any(|name| {
            let alias = FOLLOWS.iter().find(|(fact, _)| fact == name);
            alias.map_or(name.as_ref(), |(_, field)| field) == earlier.field
        });
        if is_named {
            found.push((
                distance,
                Rest {
                    subject: earlier.subject.clone(),
                    field: earlier.field.to_string(),
                    value: earlier.value.clone(),
                    rule: earlier.rule.to_string(),
                },
            ));
        }
    }
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, rest)| rest).collect()
}

/// A subject and what it belongs to, the nearest first.
fn around(subject: &Subject, facts: &Facts) -> Vec<Subject> {
    let mut near = vec![subject.clone()];
    let filesystem = |index: Option<usize>| {
        let found = facts.filesystems.get(index?)?;
        Some(Subject::Filesystem(found.name.to_string()))
    };
    if let Subject::Workload(name) | Subject::Volume(name, _) = subject
        && let Some(workload) = facts.workloads.iter().find(|it| it.name.as_str() == name)
    {
        let own = match subject {
            Subject::Volume(_, volume) => {
                near.push(Subject::Workload(name.clone()));
                let found = workload
                    .volumes
                    .iter()
                    .find(|it| it.name.as_str() == volume);
                found.and_then(|volume| volume.filesystem)
            }
            Subject::Workload(_)
            | Subject::Filesystem(_)
            | Subject::Host
            | Subject::Engine
            | Subject::Policy(_) => None,
        };
        near.extend(filesystem(own.or(workload.filesystem)));
        let policy = workload.policy.and_then(|index| facts.policies.get(index));
        near.extend(policy.map(|policy| Subject::Policy(policy.name.to_string())));
    }
    if *subject == Subject::Engine {
        near.extend(filesystem(facts.engine_filesystem));
    }
    near
}
