#![doc = include_str!("snapshot_by_class.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage, Verdict, VolumeChoice, VolumeView};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB204",
    name: "snapshot-by-class",
    stage: Stage::Class,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether a workload's snapshots hold a volume, by its class",
    page: include_str!("snapshot_by_class.md"),
    proofs: &[],
    decide: Decide::Volume(decide),
};

fn decide(view: &VolumeView) -> Option<Verdict<VolumeChoice>> {
    let class = view.choices().class.flatten();
    let (snapshot, reason) = match class {
        Some(class) if !class.traits().is_worth_a_snapshot => (
            false,
            format!(
                "{} can be fetched or computed again, and a snapshot would only keep its old blocks from being freed",
                class.name()
            ),
        ),
        Some(class) if class.traits().is_reproducible => (
            true,
            format!(
                "{} may be had again, but is written once, so a snapshot holds hardly any old blocks of it",
                class.name()
            ),
        ),
        Some(class) => (
            true,
            format!("{} cannot be had again once it is lost", class.name()),
        ),
        None => (
            true,
            "nobody knows what it holds, so it counts as precious".to_owned(),
        ),
    };
    let class = class.map_or("open", crate::spec::Class::name);
    Some(Verdict {
        choice: VolumeChoice::Snapshot(snapshot),
        reason: reason.into(),
        evidence: vec![("class", class.into())],
        would_change: "another class, or `snapshot` on the volume",
        declared: view
            .this()
            .declared
            .snapshot
            .map(|s| (VolumeChoice::Snapshot(s), view.option("snapshot"))),
    })
}
