#![doc = include_str!("moment_by_one_snapshot_or_a_freeze.md")]

use std::collections::BTreeSet;

use crate::analysis::WorkloadFacts;
use crate::finding::Level;
use crate::plan::Moment;
use crate::rules::{Choices, Decide, Rule, Stage, Verdict, WorkloadChoice, WorkloadView};
use crate::spec::Consistency;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB307",
    name: "moment-by-one-snapshot-or-a-freeze",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how the volumes of a workload come to show one moment",
    page: include_str!("moment_by_one_snapshot_or_a_freeze.md"),
    proofs: &["snapshot-atomic-within-one-subvolume"],
    decide: Decide::Workload(decide),
};

fn decide(view: &WorkloadView) -> Option<Verdict<WorkloadChoice>> {
    let workload = view.this();
    let protection = workload.declared.protection.as_ref()?;
    let members = view
        .choices()
        .group
        .as_ref()
        .filter(|group| !group.is_empty())?;
    let wanted = protection.consistency.unwrap_or(Consistency::Crash);
    let (moment, reason) = match (members.len(), wanted) {
        (1, _) => (
            Moment::OneSnapshot,
            "one snapshot of one subvolume shows all of it",
        ),
        (_, Consistency::None) => (
            Moment::EachItsOwn,
            "its volumes are declared to be independent",
        ),
        (_, Consistency::Crash | Consistency::Application)
            if !is_held(workload, view.chosen, view.index) =>
        {
            (
                Moment::EachItsOwn,
                "nothing takes several subvolumes at one moment, and no container is declared that could be held still",
            )
        }
        (_, Consistency::Application) => (
            Moment::FrozenSet,
            "no snapshot takes several subvolumes, so the applications must hold still from the first to the last",
        ),
        (_, Consistency::Crash) => (
            Moment::FrozenSet,
            "no snapshot takes several subvolumes, so its containers are paused from the first to the last",
        ),
    };
    let filesystems: BTreeSet<usize> = members
        .iter()
        .filter_map(|member| match member {
            Some(volume) => workload.volumes.get(*volume)?.filesystem,
            None => workload.filesystem,
        })
        .collect();
    Some(Verdict {
        choice: WorkloadChoice::Moment(moment),
        reason: reason.into(),
        evidence: vec![
            ("subvolumes", members.len().to_string().into()),
            ("filesystems", filesystems.len().to_string().into()),
        ],
        would_change: "`protection.consistency`, the containers that mount it, or all volumes in one subvolume: one filesystem, and none with a `limit`",
        declared: None,
    })
}

/// True where a container is declared that writes to what is snapshotted: it can be held still.
pub(super) fn is_held(workload: &WorkloadFacts, chosen: &Choices, index: usize) -> bool {
    let mut volumes = workload.volumes.iter().zip(&chosen.volumes[index]);
    volumes.any(|(volume, choices)| {
        let declared = volume.declared;
        let mut writing = declared
            .mounts
            .keys()
            .filter(|container| !declared.read_only_in.contains(container));
        choices.snapshot == Some(true) && writing.next().is_some()
    })
}
