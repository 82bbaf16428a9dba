//! Everything that is stored is in the coverage once, and is protected exactly as the jobs say.

#![expect(
    clippy::disallowed_methods,
    reason = "tests may end when something is not as it must be, and read scenarios"
)]

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::plan::{self, Cover, Covered, Plan, Stored};
use podman_btrfs_core::spec::input::parse_json;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What is wrong with the coverage of a plan, a line each.
fn complaints(plan: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    let mut jobs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for job in &plan.protection.jobs {
        for taken in &job.subvolumes {
            *jobs
                .entry((job.filesystem.as_str(), taken.path.as_str()))
                .or_default() += 1;
        }
    }
    for (name, workload) in &plan.workloads {
        for instance in &workload.instances {
            for (volume, planned) in &instance.volumes {
                let entries: Vec<&Covered> = entries(plan, name.as_str(), volume.as_str());
                let place = (planned.filesystem.as_str(), planned.subvolume.as_str());
                let taken = jobs.get(&place).copied().unwrap_or(0);
                let subject = format!("{}/{volume}", instance.name);
                match entries.as_slice() {
                    [entry] => found
                        .extend(disagreement(entry, taken).map(|why| format!("{subject}: {why}"))),
                    _ => found.push(format!("{subject}: {} entries", entries.len())),
                }
            }
        }
    }
    for filesystem in plan.filesystems.values() {
        for mount in &filesystem.mounts {
            let is_system = matches!(mount.role, plan::MountRole::System | plan::MountRole::Swap);
            let entries = plan.coverage.iter().filter(|entry| {
                entry.what == Stored::System && entry.host_path == mount.mount_point
            });
            if entries.count() != usize::from(is_system) {
                found.push(format!("{}: not in the coverage once", mount.mount_point));
            }
        }
    }
    found
}

fn entries<'p>(plan: &'p Plan, of: &str, name: &str) -> Vec<&'p Covered> {
    let is_it = |entry: &&Covered| matches!(&entry.what, Stored::Volume { workload, volume } if workload.as_str() == of && volume.as_str() == name);
    plan.coverage.iter().filter(is_it).collect()
}

fn disagreement(entry: &Covered, taken: usize) -> Option<String> {
    match (&entry.protection, taken) {
        (Cover::Policy { .. }, 1) => None,
        (Cover::Nothing { reason }, 0) if reason != "no job takes it" && !reason.is_empty() => None,
        (Cover::Nothing { reason }, 0) => Some(format!("no reason but `{reason}`")),
        (_, jobs) => Some(format!("{jobs} jobs take it")),
    }
}

#[test]
fn every_scenario_is_covered_exactly_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let mut plans = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let file = entry.unwrap().path().join("plan.json");
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        let plan: Plan = serde_json::from_str(&text).unwrap();
        assert_eq!(
            complaints(&plan),
            Vec::<String>::new(),
            "{}",
            file.display()
        );
        plans += 1;
    }
    assert!(plans > 5, "only {plans} scenarios were read");
}

/// One volume: class, limit, override of the snapshot, filesystem, and whether another workload uses it.
fn volume() -> impl Strategy<Value = (Value, bool)> {
    let class = prop::sample::select(vec!["database", "media", "cache", "scratch", "secrets"]);
    let filesystem = prop::option::of(prop::sample::select(vec!["fast", "tank"]));
    (prop::option::of(class), any::<bool>(), prop::option::of(any::<bool>()), filesystem, any::<bool>()).prop_map(
        |(class, limit, snapshot, filesystem, shared)| {
            let limit = limit.then_some("1G");
            let fields = json!({"class": class, "limit": limit, "snapshot": snapshot, "filesystem": filesystem});
            (fields, shared)
        },
    )
}

/// Volumes, policy and copies of one workload.
type Declared = (Vec<(Value, bool)>, Option<&'static str>, u32);

fn workload() -> impl Strategy<Value = Declared> {
    let policy = prop::option::of(prop::sample::select(vec!["gold", "tin"]));
    (prop::collection::vec(volume(), 0..4), policy, 1..3_u32)
}

/// A declaration of some workloads, the last of which uses what the others share.
fn declaration(workloads: &[Declared]) -> String {
    let mut all = serde_json::Map::new();
    let mut uses = serde_json::Map::new();
    for (index, (volumes, policy, copies)) in workloads.iter().enumerate() {
        let name = format!("w{index}");
        let mut declared = serde_json::Map::new();
        for (number, (fields, shared)) in volumes.iter().enumerate() {
            declared.insert(format!("v{number}"), fields.clone());
            if *shared && *copies == 1 {
                let place = json!({"mounts": {"reader": format!("/{name}/{number}")}});
                uses.insert(format!("{name}/v{number}"), place);
            }
        }
        let protection = policy.map(|policy| json!({"policy": policy}));
        let workload = json!({"volumes": declared, "protection": protection, "replicas": copies, "containers": {name.as_str(): {}}});
        all.insert(name, workload);
    }
    all.insert(
        "reader".into(),
        json!({"containers": {"reader": {}}, "uses": uses, "filesystem": "tank"}),
    );
    for workload in all.values_mut() {
        workload["filesystem"] = "tank".into();
    }
    json!({
        "filesystems": {"tank": {"device": "/dev/disk/by-label/tank"}, "fast": {"device": "/dev/disk/by-label/fast"}},
        "engine": {"filesystem": "fast"},
        "policies": {"gold": {"tool": "btrbk"}, "tin": {"tool": "snapper"}},
        "workloads": all,
    })
    .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_declaration_is_covered_exactly_once(workloads in prop::collection::vec(workload(), 0..4)) {
        let text = declaration(&workloads);
        let plan = plan::build(&parse_json(&text).unwrap());
        prop_assert!(plan.filesystems.len() == 2, "refused: {:?}", plan.diagnostics);
        let found = complaints(&plan);
        prop_assert!(found.is_empty(), "{found:?}\n{text}");
    }
}
