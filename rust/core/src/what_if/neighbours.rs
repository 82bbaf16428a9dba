//! Declarations that differ in one option from a given one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Neighbour, values};
use crate::option_path::{OptionPath, Step};
use crate::plan::Subject;
use crate::spec::Spec;
use crate::spec::input::schema::{section, some_of};

/// How many names of a kind are tried as references.
const MOST_NAMES: usize = 4;
/// How many volumes of a workload or a filesystem are varied, when the question is about that.
const MOST_VOLUMES: usize = 6;

/// The neighbours that matter for these subjects, each once, the nearest to the subjects first.
pub(super) fn of<'d>(
    spec: &Spec,
    declaration: &Value,
    subjects: impl Iterator<Item = &'d Subject>,
) -> Vec<Neighbour> {
    let mut sections = Vec::new();
    let mut known = BTreeSet::new();
    for subject in subjects.collect::<BTreeSet<_>>() {
        for place in places(spec, subject) {
            if known.insert(place.clone()) {
                sections.push(place);
            }
        }
    }
    sections
        .iter()
        .flat_map(|at| of_section(spec, declaration, at))
        .collect()
}

/// The parts of a declaration that a subject depends on.
fn places(spec: &Spec, subject: &Subject) -> Vec<OptionPath> {
    let mut places = Vec::new();
    match subject {
        Subject::Volume(workload, volume) => {
            places.push(OptionPath::of(["workloads", workload, "volumes", volume]));
            places.extend(of_workload(spec, workload, Some(volume)));
        }
        Subject::Workload(workload) => {
            places.extend(of_workload(spec, workload, None));
            places.extend(volumes(spec, |name, _| name == workload));
        }
        Subject::Filesystem(name) => {
            places.push(OptionPath::of(["filesystems", name]));
            let is_only = spec.filesystems.len() == 1;
            places.extend(volumes(spec, |_, filesystem| {
                filesystem.map_or(is_only, |own| own == name)
            }));
        }
        Subject::Policy(name) => {
            places.push(OptionPath::of(["policies", name]));
            let followers = spec.workloads.iter().filter(|(_, workload)| {
                let policy = workload.protection.as_ref().map(|it| it.policy.as_str());
                policy == Some(name)
            });
            places.extend(
                followers
                    .take(1)
                    .map(|(workload, _)| OptionPath::of(["workloads", workload.as_str()])),
            );
        }
        // Its own section is added to every subject's; what it has to hold follows from the workloads.
        Subject::Host => places.extend(
            spec.workloads
                .keys()
                .map(|name| OptionPath::of(["workloads", name.as_str()])),
        ),
        Subject::Engine => {
            places.push(OptionPath::of(["engine"]));
            let own = spec
                .engine
                .filesystem
                .as_ref()
                .or(spec.filesystems.keys().next());
            places.extend(own.map(|name| OptionPath::of(["filesystems", name.as_str()])));
        }
    }
    places.push(OptionPath::of(["host"]));
    places
}

/// A workload, its filesystem (or a volume's) and its policy.
fn of_workload(spec: &Spec, workload: &str, volume: Option<&str>) -> Vec<OptionPath> {
    let mut places = vec![OptionPath::of(["workloads", workload])];
    let Some((_, declared)) = spec
        .workloads
        .iter()
        .find(|(name, _)| name.as_str() == workload)
    else {
        return places;
    };
    let own = volume.and_then(|volume| {
        let found = declared
            .volumes
            .iter()
            .find(|(name, _)| name.as_str() == volume);
        found?.1.filesystem.as_ref()
    });
    let filesystem = own
        .or(declared.filesystem.as_ref())
        .or(spec.filesystems.keys().next());
    places.extend(filesystem.map(|name| OptionPath::of(["filesystems", name.as_str()])));
    let policy = declared
        .protection
        .as_ref()
        .map(|protection| &protection.policy);
    places.extend(policy.map(|name| OptionPath::of(["policies", name.as_str()])));
    places
}

/// The first few volumes of workloads that are wanted, by the workload's name and the volume's filesystem.
fn volumes(spec: &Spec, is_wanted: impl Fn(&str, Option<&str>) -> bool) -> Vec<OptionPath> {
    let all = spec.workloads.iter().flat_map(|(workload, declared)| {
        let of = declared.filesystem.as_ref();
        declared.volumes.iter().map(move |(name, volume)| {
            (
                workload.as_str(),
                name.as_str(),
                volume.filesystem.as_ref().or(of),
            )
        })
    });
    all.filter(|(workload, _, filesystem)| {
        is_wanted(workload, filesystem.map(crate::units::Name::as_str))
    })
    .take(MOST_VOLUMES)
    .map(|(workload, volume, _)| OptionPath::of(["workloads", workload, "volumes", volume]))
    .collect()
}

/// One part with each of its options changed.
fn of_section(spec: &Spec, declaration: &Value, at: &OptionPath) -> Vec<Neighbour> {
    // Every second step of a path is a name.
    let steps: Vec<&str> =
        at.0.iter()
            .enumerate()
            .filter_map(|(index, step)| match step {
                Step::Key(_) if index % 2 == 1 => Some("*"),
                Step::Key(key) => Some(key.as_str()),
                Step::Index(_) => None,
            })
            .collect();
    let Some(schema) = section(&steps) else {
        return Vec::new();
    };
    let now = at.0.iter().try_fold(declaration, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    });
    let properties = some_of(schema).get("properties").and_then(Value::as_object);
    let mut found = Vec::new();
    for (name, schema) in properties.into_iter().flatten() {
        let here = at.key(name.as_str());
        let current = now.and_then(|now| now.get(name)).unwrap_or(&Value::Null);
        if is_simple(current) && !current.is_null() {
            found.push(Neighbour {
                at: here.clone(),
                value: Value::Null,
            });
        }
        let tried = values::of(schema);
        let tried = if tried.is_empty() {
            references(spec, &steps, name, current)
        } else {
            tried
        };
        found.extend(tried.into_iter().map(|value| Neighbour {
            at: here.clone(),
            value,
        }));
    }
    found
}

/// True for a value that can be left unsaid.
fn is_simple(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// What an option that names other things is tried with.
fn references(spec: &Spec, section: &[&str], option: &str, current: &Value) -> Vec<Value> {
    let filesystems = || spec.filesystems.keys().map(|name| json!(name));
    match (section, option) {
        (["workloads", ..] | ["engine"], "filesystem") => filesystems().take(MOST_NAMES).collect(),
        (["workloads", "*"], "protection") => {
            let policies = spec.policies.keys().take(MOST_NAMES);
            // What else a protection says stays.
            let with = policies.map(|name| {
                let mut protection = current.as_object().cloned().unwrap_or_default();
                protection.insert("policy".into(), json!(name));
                Value::from(protection)
            });
            let without = (!current.is_null()).then_some(Value::Null);
            without.into_iter().chain(with).collect()
        }
        (["policies", "*"], "targets") => {
            let one = spec.targets.keys().take(1).map(|name| json!([name]));
            one.chain([json!([])]).collect()
        }
        (["filesystems", "*"], "disks") => disks(current),
        _ => Vec::new(),
    }
}

/// One disk more, and one less.
fn disks(current: &Value) -> Vec<Value> {
    let disks: Vec<Value> = current.as_array().cloned().unwrap_or_default();
    let Some((_, fewer)) = disks.split_last() else {
        return Vec::new();
    };
    let mut more = disks.clone();
    more.push(json!("/dev/disk/by-id/one-more"));
    let mut tried = vec![Value::from(more)];
    if !fewer.is_empty() {
        tried.push(fewer.to_vec().into());
    }
    tried
}
