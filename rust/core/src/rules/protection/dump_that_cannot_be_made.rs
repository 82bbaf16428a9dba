#![doc = include_str!("dump_that_cannot_be_made.md")]

use crate::analysis::{Facts, WorkloadFacts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::plan::build::engine_of;
use crate::rules::{Choices, Decide, Found, Rule, Stage, VolumeChoices};
use crate::spec::{DatabaseEngine, Dump};
use crate::units::ContainerName;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB626",
    name: "dump-that-cannot-be-made",
    stage: Stage::Protection,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a dump that nobody can make, or that no snapshot would hold",
    page: include_str!("dump_that_cannot_be_made.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (workload, volumes) in facts.workloads.iter().zip(&chosen.volumes) {
        let Some(protection) = &workload.declared.protection else {
            continue;
        };
        for (container, dump) in &protection.dumps {
            let at = workload.at().key("protection").key("dumps");
            let at = at.key(container.as_str());
            found.extend(no_engine(workload, volumes, container, dump, &at));
            found.extend(no_snapshot(workload, volumes, dump, &at));
        }
    }
    found
}

/// The engine that a container's dump is made of.
fn engine(
    workload: &WorkloadFacts,
    volumes: &[VolumeChoices],
    container: &ContainerName,
    dump: &Dump,
) -> Option<DatabaseEngine> {
    dump.engine.or_else(|| {
        let all = workload.volumes.iter().zip(volumes);
        let mounted = all.filter(|(volume, _)| volume.declared.mounts.contains_key(container));
        let engines = mounted.filter_map(|(_, choices)| choices.engine.flatten());
        let image = workload.declared.containers.get(container);
        engine_of(image.and_then(|one| one.image.as_ref()), engines)
    })
}

fn no_engine(
    workload: &WorkloadFacts,
    volumes: &[VolumeChoices],
    container: &ContainerName,
    dump: &Dump,
    at: &OptionPath,
) -> Option<Found> {
    let with_dump = || {
        let all = DatabaseEngine::ALL.iter().filter(|one| one.has_dump());
        all.map(|one| one.name()).collect::<Vec<_>>().join(", ")
    };
    let (message, help) = match engine(workload, volumes, container, dump) {
        None => (
            format!("no database engine is known in `{container}`, so nobody knows what dumps it"),
            format!("set `engine`: {}", with_dump()),
        ),
        Some(engine) if !engine.has_dump() => (
            format!(
                "the engine in `{container}` is {}, of which no dump is made",
                engine.name()
            ),
            format!(
                "keep its data in a volume that is snapshotted, where `consistency = \"application\"` quiesces it; dumps are made of {}",
                with_dump()
            ),
        ),
        Some(_) => return None,
    };
    Some(Found {
        at: at.clone(),
        message,
        help,
        related: Vec::new(),
    })
}

fn no_snapshot(
    workload: &WorkloadFacts,
    volumes: &[VolumeChoices],
    dump: &Dump,
    at: &OptionPath,
) -> Option<Found> {
    let mut all = workload.volumes.iter().zip(volumes);
    let (volume, choices) = all.find(|(volume, _)| *volume.name == dump.into)?;
    if workload.policy.is_some() && choices.snapshot == Some(true) {
        return None;
    }
    Some(Found {
        at: at.key("into"),
        message: format!(
            "`{}` is in no snapshot, so the dump would be in none either",
            dump.into
        ),
        help: "name a volume that is snapshotted, or set `snapshot = true` on this one".into(),
        related: vec![workload.volume_at(volume)],
    })
}
