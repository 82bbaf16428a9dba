#![doc = include_str!("moment_by_one_snapshot_or_a_freeze.md")]

use std::collections::BTreeSet;

use crate::finding::Level;
use crate::plan::Moment;
use crate::rules::{Decide, Rule, Stage, Verdict, WorkloadChoice, WorkloadView};
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
    let filesystems: BTreeSet<usize> = members
        .iter()
        .filter_map(|member| match member {
            Some(volume) => workload.volumes.get(*volume)?.filesystem,
            None => workload.filesystem,
        })
        .collect();
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
        (_, Consistency::Application) => (
            Moment::FrozenSet,
            "no snapshot takes several subvolumes, so the applications must hold still from the first to the last",
        ),
        (_, Consistency::Crash) if filesystems.len() > 1 => (
            Moment::EachItsOwn,
            "nothing takes several filesystems at one moment, and nothing holds the applications still",
        ),
        (_, Consistency::Crash) => (
            Moment::EachItsOwn,
            "nothing takes several subvolumes at one moment, and nothing holds the applications still",
        ),
    };
    Some(Verdict {
        choice: WorkloadChoice::Moment(moment),
        reason: reason.into(),
        evidence: vec![
            ("subvolumes", members.len().to_string().into()),
            ("filesystems", filesystems.len().to_string().into()),
        ],
        would_change: "`protection.consistency`, or all volumes in one subvolume: one filesystem, and none with a `limit`",
        declared: None,
    })
}
