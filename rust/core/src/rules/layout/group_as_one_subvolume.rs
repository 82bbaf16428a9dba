#![doc = include_str!("group_as_one_subvolume.md")]

use crate::finding::Level;
use crate::plan::Placement;
use crate::rules::{Decide, Rule, Stage, Verdict, WorkloadChoice, WorkloadView};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB303",
    name: "group-as-one-subvolume",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "the subvolumes that a workload's snapshot takes",
    page: include_str!("group_as_one_subvolume.md"),
    proofs: &["snapshot-atomic-within-one-subvolume"],
    decide: Decide::Workload(decide),
};

fn decide(view: &WorkloadView) -> Option<Verdict<WorkloadChoice>> {
    view.this().policy?;
    let mut shared = false;
    let mut members = Vec::new();
    for (index, (_, choices)) in view.volumes().enumerate() {
        match (choices.snapshot, choices.placement) {
            (Some(true), Some(Placement::GroupDirectory)) => shared = true,
            (Some(true), Some(Placement::OwnSubvolume)) => members.push(Some(index)),
            _ => {}
        }
    }
    if shared {
        members.insert(0, None);
    }
    let reason = match members.len() {
        0 => "no volume of it is snapshotted".to_owned(),
        1 => "one subvolume holds all of it, and a snapshot of one subvolume is one moment"
            .to_owned(),
        n => format!("{n} subvolumes hold it, which no single snapshot can take"),
    };
    Some(Verdict {
        evidence: vec![("subvolumes", members.len().to_string().into())],
        choice: WorkloadChoice::Group(members),
        reason: reason.into(),
        would_change: "volumes with a limit or on another filesystem",
        declared: None,
    })
}
