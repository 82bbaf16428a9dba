//! What is known of a subject before anything is decided: declared, inferred or assumed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::analysis::{Certainty, Facts, VolumeFacts, WorkloadFacts};
use crate::density::by_store;
use crate::option_path::{OptionPath, Step};
use crate::plan::Subject;
use crate::spec::Spec;

/// One fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// Its name: the option, where it is declared.
    pub name: String,
    /// What is known.
    pub value: Value,
    /// Where that comes from.
    pub origin: Origin,
    /// How sure it is, where it is inferred.
    pub certainty: Option<String>,
    /// What speaks for it.
    pub because: Option<String>,
    /// The option that says it.
    pub at: Option<OptionPath>,
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The declaration says it.
    Declared,
    /// It is judged from other things that the declaration says.
    Inferred,
    /// Nothing says it.
    Assumed,
}

pub(super) fn of(subject: &Subject, spec: &Spec, facts: &Facts) -> Vec<Fact> {
    let mut found = declared(subject, spec);
    match subject {
        Subject::Volume(workload, name) => {
            if let Some((workload, volume)) = volume(facts, workload, name) {
                of_volume(workload, volume, facts, &mut found);
            }
        }
        Subject::Workload(name) => {
            if let Some(workload) = facts.workloads.iter().find(|it| it.name.as_str() == name) {
                of_workload(workload, facts, &mut found);
            }
        }
        Subject::Filesystem(name) => {
            if let Some(filesystem) = facts.filesystems.iter().find(|it| it.name.as_str() == name) {
                assume(
                    &mut found,
                    "mountPoint",
                    filesystem.mount_point.to_string(),
                    "below /srv, under its name",
                );
                infer(
                    &mut found,
                    "holdsEngine",
                    filesystem.holds_engine,
                    "where Podman's stores are declared to be",
                );
                infer(
                    &mut found,
                    "limits",
                    filesystem.limits,
                    "volumes on it that have one",
                );
            }
        }
        Subject::Policy(name) => {
            if let Some(policy) = facts.policies.iter().find(|it| it.name.as_str() == name) {
                infer(
                    &mut found,
                    "followers",
                    policy.followers,
                    "copies of workloads that follow it",
                );
            }
        }
        Subject::Host => {
            let containers = by_store(facts).all();
            let because = "copies and containers of all workloads";
            infer(&mut found, "containers", containers, because);
        }
        Subject::Engine => {
            let on = facts
                .engine_filesystem
                .and_then(|index| facts.filesystems.get(index));
            if let Some(filesystem) = on {
                assume(
                    &mut found,
                    "filesystem",
                    filesystem.name.to_string(),
                    "it is the only one",
                );
            }
        }
    }
    found
}

fn volume<'f, 's>(
    facts: &'f Facts<'s>,
    workload: &str,
    name: &str,
) -> Option<(&'f WorkloadFacts<'s>, &'f VolumeFacts<'s>)> {
    let workload = facts
        .workloads
        .iter()
        .find(|it| it.name.as_str() == workload)?;
    let volume = workload
        .volumes
        .iter()
        .find(|it| it.name.as_str() == name)?;
    Some((workload, volume))
}

fn of_volume(workload: &WorkloadFacts, volume: &VolumeFacts, facts: &Facts, found: &mut Vec<Fact>) {
    let inference = &volume.inference;
    // Also beside a declared one: what would be inferred is why somebody declared it.
    let inferred = |name: &str, value: Value| Fact {
        name: name.into(),
        value,
        origin: Origin::Inferred,
        certainty: Some(inference.certainty.name().into()),
        because: Some(inference.because.clone()),
        at: None,
    };
    if inference.class.is_some() || inference.certainty == Certainty::Open {
        found.push(inferred("class", serde_json::json!(inference.class)));
    }
    if inference.engine.is_some() {
        found.push(inferred("engine", serde_json::json!(inference.engine)));
    }
    for (container, path) in &volume.declared.mounts {
        let image = workload
            .declared
            .containers
            .get(container)
            .and_then(|it| it.image.as_ref());
        if let Some(image) = image {
            infer(
                found,
                "image",
                image.to_string(),
                &format!("{container} mounts it at {path}"),
            );
        }
    }
    let on = volume
        .filesystem
        .and_then(|index| facts.filesystems.get(index));
    if let Some(filesystem) = on {
        let because = if workload.declared.filesystem.is_some() {
            "its workload's"
        } else {
            "it is the only one"
        };
        assume(found, "filesystem", filesystem.name.to_string(), because);
    }
    policy(workload, facts, found);
}

fn of_workload(workload: &WorkloadFacts, facts: &Facts, found: &mut Vec<Fact>) {
    assume(
        found,
        "replicas",
        workload.replicas,
        "one copy, where nothing is said",
    );
    let on = workload
        .filesystem
        .and_then(|index| facts.filesystems.get(index));
    if let Some(filesystem) = on {
        assume(
            found,
            "filesystem",
            filesystem.name.to_string(),
            "it is the only one",
        );
    }
    policy(workload, facts, found);
}

fn policy(workload: &WorkloadFacts, facts: &Facts, found: &mut Vec<Fact>) {
    let policy = workload.policy.and_then(|index| facts.policies.get(index));
    match policy {
        Some(policy) => infer(
            found,
            "policy",
            policy.name.to_string(),
            "its workload follows it",
        ),
        None => infer(found, "policy", Value::Null, "its workload follows none"),
    }
}

fn infer(found: &mut Vec<Fact>, name: &str, value: impl Into<Value>, because: &str) {
    let is_declared = found
        .iter()
        .any(|fact| fact.name == name && fact.origin == Origin::Declared);
    if is_declared {
        return;
    }
    found.push(Fact {
        name: name.into(),
        value: value.into(),
        origin: Origin::Inferred,
        certainty: None,
        because: Some(because.into()),
        at: None,
    });
}

/// A fact that holds where the declaration does not say it.
fn assume(found: &mut Vec<Fact>, name: &str, value: impl Into<Value>, because: &str) {
    let before = found.len();
    infer(found, name, value, because);
    if let Some(fact) = found.get_mut(before) {
        fact.origin = Origin::Assumed;
    }
}

/// Every option that the declaration sets about a subject.
fn declared(subject: &Subject, spec: &Spec) -> Vec<Fact> {
    let at = match subject {
        Subject::Filesystem(name) => OptionPath::of(["filesystems", name]),
        Subject::Host => OptionPath::of(["host"]),
        Subject::Engine => OptionPath::of(["engine"]),
        Subject::Policy(name) => OptionPath::of(["policies", name]),
        Subject::Workload(name) => OptionPath::of(["workloads", name]),
        Subject::Volume(workload, name) => OptionPath::of(["workloads", workload, "volumes", name]),
    };
    let mut found = Vec::new();
    let declaration = serde_json::to_value(spec).unwrap_or_default();
    let section =
        at.0.iter()
            .try_fold(&declaration, |value, step| match step {
                Step::Key(key) => value.get(key),
                Step::Index(index) => value.get(index),
            });
    if let Some(section) = section {
        leaves(
            section,
            &at,
            at.0.len(),
            matches!(subject, Subject::Workload(_)),
            &mut found,
        );
    }
    found
}

fn leaves(
    value: &Value,
    at: &OptionPath,
    depth: usize,
    without_volumes: bool,
    found: &mut Vec<Fact>,
) {
    let name = || OptionPath(at.0.get(depth..).unwrap_or_default().to_vec()).to_string();
    match value {
        Value::Null => {}
        Value::Array(items) if items.is_empty() => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                // Each volume is a subject of its own.
                if !(without_volumes && key == "volumes") {
                    leaves(value, &at.key(key.as_str()), depth, false, found);
                }
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            found.push(Fact {
                name: name(),
                value: value.clone(),
                origin: Origin::Declared,
                certainty: None,
                because: None,
                at: Some(at.clone()),
            });
        }
    }
}
