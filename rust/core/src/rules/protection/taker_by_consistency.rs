#![doc = include_str!("taker_by_consistency.md")]

use crate::analysis::WorkloadFacts;
use crate::finding::Level;
use crate::plan::{Moment, Taker};
use crate::rules::{Decide, Rule, Stage, Verdict, WorkloadChoice, WorkloadChoices, WorkloadView};
use crate::spec::{Consistency, SnapshotTool};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB607",
    name: "taker-by-consistency",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "who takes a workload's snapshots: its tool, or we as a group",
    page: include_str!("taker_by_consistency.md"),
    proofs: &[
        "btrbk-prunes-what-others-took",
        "generation-tells-what-changed",
        "record-of-a-snapshot-goes-along-with-send",
        "snapshot-atomic-within-one-subvolume",
    ],
    decide: Decide::Workload(decide),
};

/// Why no tool can take what a workload asks for; `None` where one can, or where nothing is snapshotted.
pub(super) fn beyond_tools(
    workload: &WorkloadFacts,
    choices: &WorkloadChoices,
) -> Option<&'static str> {
    let protection = workload.declared.protection.as_ref()?;
    choices.group.as_ref().filter(|group| !group.is_empty())?;
    if !protection.dumps.is_empty() {
        Some("what it dumps comes before each snapshot, which no tool sees to")
    } else if protection.consistency == Some(Consistency::Application) {
        Some("its applications are quiesced for each snapshot, which no tool does")
    } else if choices.moment == Some(Moment::FrozenSet) {
        Some("its containers stand still while several subvolumes are taken, which no tool sees to")
    } else {
        None
    }
}

fn decide(view: &WorkloadView) -> Option<Verdict<WorkloadChoice>> {
    let workload = view.this();
    let group = view.choices().group.as_ref()?;
    let policy = workload.policy.filter(|_| !group.is_empty())?;
    let tool = view.chosen.policies[policy].tool?;
    let (taker, reason) = match (beyond_tools(workload, view.choices()), tool) {
        (Some(reason), SnapshotTool::Btrbk) => (Taker::PodmanBtrfs, reason),
        (Some(_), SnapshotTool::Snapper) => (
            Taker::Snapper,
            "it is declared, and takes each subvolume by itself, with nobody holding still",
        ),
        (None, _) if group.len() == 1 => (
            tool.into(),
            "one snapshot of one subvolume is all that it takes",
        ),
        (None, _) => (
            tool.into(),
            "each of its subvolumes may show a moment of its own",
        ),
    };
    let protection = workload.declared.protection.as_ref()?;
    let dumps = protection.dumps.len();
    let consistency = protection.consistency.unwrap_or(Consistency::Crash);
    Some(Verdict {
        choice: WorkloadChoice::TakenBy(taker),
        reason: reason.into(),
        evidence: vec![
            ("consistency", consistency.name().into()),
            ("dumps", dumps.to_string().into()),
            ("subvolumes", group.len().to_string().into()),
            ("tool", tool.name().into()),
        ],
        would_change: "`protection.consistency`, `protection.dumps`, or all volumes in one subvolume: one filesystem, and none with a `limit`",
        declared: None,
    })
}
