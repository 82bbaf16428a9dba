#![doc = include_str!("own_subvolume_for_limit_or_tier.md")]

use crate::finding::Level;
use crate::plan::Placement;
use crate::rules::{Decide, Rule, Stage, Verdict, VolumeChoice, VolumeView, yes_or_no};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB302",
    name: "own-subvolume-for-limit-or-tier",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "a directory in its group, or a subvolume of its own",
    page: include_str!("own_subvolume_for_limit_or_tier.md"),
    proofs: &[
        "snapshot-atomic-within-one-subvolume",
        "snapshot-omits-nested-subvolume",
        "subvolume-dropped-faster-than-tree",
    ],
    decide: Decide::Volume(decide),
};

fn decide(view: &VolumeView) -> Option<Verdict<VolumeChoice>> {
    let volume = view.this();
    let own = if volume.declared.limit.is_some() {
        Some("it has a limit, and Btrfs accounts limits by subvolume")
    } else if view.choices().snapshot == Some(false) {
        Some("it is not snapshotted, and a snapshot takes a whole subvolume")
    } else if volume.filesystem != view.workload.this().filesystem {
        Some("it is on another filesystem than its workload")
    } else {
        None
    };
    let (placement, reason) = match own {
        Some(reason) => (Placement::OwnSubvolume, reason),
        None => (
            Placement::GroupDirectory,
            "one snapshot of its group then shows it at the same moment as the other volumes",
        ),
    };
    let limit = volume
        .declared
        .limit
        .map_or_else(|| "none".to_owned(), |limit| limit.to_string());
    Some(Verdict {
        choice: VolumeChoice::Placement(placement),
        reason: reason.into(),
        evidence: vec![
            ("limit", limit.into()),
            (
                "snapshot",
                yes_or_no(view.choices().snapshot.unwrap_or(true)),
            ),
        ],
        would_change: "a `limit`, or being left out of the snapshots",
        declared: None,
    })
}
