#![doc = include_str!("workload_by_pattern.md")]

use std::borrow::Cow;

use crate::analysis::{WorkloadPattern, WritePattern, pattern};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage, Verdict, WorkloadChoice, WorkloadView};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB212",
    name: "workload-by-pattern",
    stage: Stage::Class,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how a workload as a whole writes, by its volumes",
    page: include_str!("workload_by_pattern.md"),
    proofs: &["write-pattern-shapes-extents-and-snapshots"],
    decide: Decide::Workload(decide),
};

fn decide(view: &WorkloadView) -> Option<Verdict<WorkloadChoice>> {
    let known = || {
        view.volumes()
            .map(|(volume, choices)| (choices.class.flatten(), volume.declared))
    };
    view.volumes().next()?;
    let pattern = pattern::of_workload(known());
    Some(Verdict {
        choice: WorkloadChoice::Pattern(pattern),
        reason: consequence(pattern).into(),
        evidence: evidence(view),
        would_change: "other classes, or other `size`, `growth` and `churn` of its volumes",
        declared: None,
    })
}

/// What the pattern makes of extents, metadata and snapshots.
const fn consequence(pattern: WorkloadPattern) -> &'static str {
    match pattern {
        WorkloadPattern::One(WritePattern::ReadMostly) => {
            "it is written rarely: its extents stay as they are, and snapshots share nearly everything with it"
        }
        WorkloadPattern::One(WritePattern::Append) => {
            "it is added to at the end: what is written stays where it is, and snapshots share all of it"
        }
        WorkloadPattern::One(WritePattern::RandomOverwrite) => {
            "blocks are overwritten anywhere: each becomes an extent of its own, and each snapshot keeps the old ones"
        }
        WorkloadPattern::One(WritePattern::ManySmallFiles) => {
            "many small files: the smallest lie in the metadata, which grows with their number, in snapshots too"
        }
        WorkloadPattern::One(WritePattern::WriteOnceLarge) => {
            "large files are written once: few extents, little metadata, and snapshots cost only what is deleted"
        }
        WorkloadPattern::One(WritePattern::Burst) => {
            "much is written and soon deleted: a snapshot in between keeps all of it from being freed"
        }
        WorkloadPattern::Mixed => {
            "its volumes are written in different ways, so each is treated by its own class"
        }
        WorkloadPattern::Unknown => {
            "of none of its volumes is it known what it holds, so nothing is built on how it writes"
        }
    }
}

/// The pattern of each volume, by the volume's name, for each pattern that there is.
fn evidence(view: &WorkloadView) -> Vec<(&'static str, Cow<'static, str>)> {
    let of = |wanted: Option<WritePattern>| -> Vec<&str> {
        view.volumes()
            .filter(|(volume, choices)| {
                let class = choices.class.flatten();
                class.map(|class| pattern::of_volume(class, volume.declared)) == wanted
            })
            .map(|(volume, _)| volume.name.as_str())
            .collect()
    };
    let patterns = WritePattern::ALL.map(|pattern| (pattern.name(), of(Some(pattern))));
    patterns
        .into_iter()
        .chain([("unknown", of(None))])
        .filter(|(_, volumes)| !volumes.is_empty())
        .map(|(name, volumes)| (name, Cow::from(volumes.join(" "))))
        .collect()
}
