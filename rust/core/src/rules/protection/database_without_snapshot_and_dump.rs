#![doc = include_str!("database_without_snapshot_and_dump.md")]

use crate::analysis::{Facts, VolumeFacts, WorkloadFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage, VolumeChoices};
use crate::spec::{Class, DatabaseEngine};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB629",
    name: "database-without-snapshot-and-dump",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "a database that is in no snapshot and is not dumped",
    page: include_str!("database_without_snapshot_and_dump.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (workload, volumes) in facts.workloads.iter().zip(&chosen.volumes) {
        for (volume, choices) in workload.volumes.iter().zip(volumes) {
            if is_bare(volume, choices) && !is_dumped(workload, volume) {
                found.push(Found {
                    at: workload.volume_at(volume),
                    message: format!(
                        "the database in {} is in no snapshot and is not dumped: nothing protects it",
                        volume.name
                    ),
                    help: help(choices).into(),
                    related: Vec::new(),
                });
            }
        }
    }
    found
}

/// A database that is declared to be in no snapshot; what has no policy is told of otherwise.
fn is_bare(volume: &VolumeFacts, choices: &VolumeChoices) -> bool {
    choices.class.flatten() == Some(Class::Database) && volume.declared.snapshot == Some(false)
}

/// A container that mounts it is dumped.
fn is_dumped(workload: &WorkloadFacts, volume: &VolumeFacts) -> bool {
    let protection = workload.declared.protection.as_ref();
    let mut mounting = volume.declared.mounts.keys();
    mounting.any(|one| protection.is_some_and(|of| of.dumps.contains_key(one)))
}

fn help(choices: &VolumeChoices) -> &'static str {
    if choices
        .engine
        .flatten()
        .is_some_and(DatabaseEngine::has_dump)
    {
        "declare `protection.dumps.<container>.into`, a volume that is snapshotted, or take `snapshot = false` away"
    } else {
        "take `snapshot = false` away; dumps are made of PostgreSQL, MariaDB and MySQL only, whose volume says `engine`"
    }
}
