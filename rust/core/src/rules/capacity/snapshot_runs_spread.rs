#![doc = include_str!("snapshot_runs_spread.md")]

use crate::density::assumed::BATCH;
use crate::density::count;
use crate::finding::Level;
use crate::rules::{Decide, PolicyChoice, PolicyView, Rule, Stage, Verdict};
use crate::spec::SnapshotTool;
use crate::units::Duration;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB717",
    name: "snapshot-runs-spread",
    stage: Stage::Capacity,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "over what time the snapshots of one moment are spread",
    page: include_str!("snapshot_runs_spread.md"),
    proofs: &["snapshots-cost-metadata-and-cleaning"],
    decide: Decide::Policy(decide),
};

/// The longest that a start is put off.
const MOST: u64 = 900;

fn decide(view: &PolicyView) -> Option<Verdict<PolicyChoice>> {
    let chosen = &view.chosen.policies[view.index];
    let interval = chosen.schedule.as_ref()?.interval_seconds;
    if chosen.tool != Some(SnapshotTool::Btrbk) {
        return None;
    }
    let loads = count(view.facts, view.chosen).filesystems;
    let own = |load: &&crate::density::FilesystemLoad| {
        let mut batches = load.batches.iter();
        batches.any(|(policy, _)| *policy == view.index)
    };
    let shared = loads.iter().filter(own);
    let busiest = shared.max_by_key(|load| total(load))?;
    let (policies, snapshots) = (busiest.batches.len(), total(busiest));
    if snapshots <= BATCH {
        return None;
    }
    let seconds = (interval / 4).min(MOST);
    Some(Verdict {
        choice: PolicyChoice::Spread(seconds),
        reason: format!(
            "{snapshots} snapshots of {policies} {} would start at one moment; runs of at most {BATCH} are spread over {}",
            if policies == 1 { "policy" } else { "policies" },
            Duration::from_seconds(seconds)
        )
        .into(),
        evidence: vec![
            ("snapshotsAtOneMoment", snapshots.to_string().into()),
            ("interval", Duration::from_seconds(interval).to_string().into()),
        ],
        would_change: "fewer copies or subvolumes under policies of one filesystem, or another `rpo`",
        declared: None,
    })
}

fn total(load: &crate::density::FilesystemLoad) -> u64 {
    load.batches.iter().map(|(_, batch)| batch).sum()
}
