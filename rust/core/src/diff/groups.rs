//! Copies as groups: who takes their snapshots, and who holds still for them.

use serde_json::Value;

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::kind::Kind;
use super::workloads::{copy_of, subject};
use crate::plan::{GroupPlan, Taker};
use crate::units::Duration;

pub(super) const CLAIMS: &[Claim] = &[
    follows(
        "workloads.*.instances.*.protection",
        "that snapshots begin or stop is told",
    ),
    follows(
        "workloads.*.instances.*.protection.consistency",
        "the workload's is told",
    ),
    by("workloads.*.instances.*.protection.takenBy", taken_by),
    follows(
        "workloads.*.instances.*.protection.run",
        "which run takes it changes nothing of when",
    ),
    follows(
        "workloads.*.instances.*.protection.members",
        "what is taken and what not is told",
    ),
    by("workloads.*.instances.*.protection.containers", containers),
    by("workloads.*.instances.*.protection.dumps", dumps),
    by(
        "workloads.*.instances.*.protection.freezeBudgetSeconds",
        budget,
    ),
    by(
        "workloads.*.instances.*.protection.snapshotOn.stop",
        occasion,
    ),
    by(
        "workloads.*.instances.*.protection.snapshotOn.imageUpdate",
        occasion,
    ),
    by(
        "workloads.*.instances.*.protection.snapshotOn.activation",
        occasion,
    ),
];

/// The group in the old plan and in the new one.
fn groups<'p>(change: &Change, sides: &Sides<'p>) -> Option<(&'p GroupPlan, &'p GroupPlan)> {
    let (old, new) = copy_of(change, sides)?;
    Some((old.protection.as_ref()?, new.protection.as_ref()?))
}

fn taken_by(change: &Change, sides: &Sides) -> Vec<Difference> {
    let Some((old, new)) = groups(change, sides) else {
        return Vec::new();
    };
    // Between tools it is the job's tool that changes, and that is told.
    let happens = match (old.taken_by, new.taken_by) {
        (Taker::Btrbk, Taker::PodmanBtrfs) => {
            "podman-btrfs takes its snapshots from now on, as a group; btrbk goes on to prune and to send them, under the same names"
        }
        (Taker::PodmanBtrfs, Taker::Btrbk) => {
            "btrbk takes its snapshots from now on, each subvolume by itself and with nobody holding still, under the same names"
        }
        _ => return Vec::new(),
    };
    change.told(
        Kind::SettingChanged,
        subject(change),
        "takenBy",
        happens,
        "",
    )
}

fn containers(change: &Change, sides: &Sides) -> Vec<Difference> {
    let Some((old, new)) = groups(change, sides) else {
        return Vec::new();
    };
    let what = |group: &GroupPlan| -> Vec<_> {
        let all = group.containers.iter();
        all.map(|one| (one.name.clone(), one.engine.clone(), one.hook.clone()))
            .collect()
    };
    let (before, after) = (what(old), what(new));
    let names = |all: &[(crate::units::ContainerName, _, _)]| -> Vec<String> {
        all.iter().map(|(name, _, _)| name.to_string()).collect()
    };
    // That a container comes or goes is told.
    if before == after || names(&before) != names(&after) {
        return Vec::new();
    }
    let differing: Vec<String> = before
        .iter()
        .zip(&after)
        .filter(|(old, new)| old != new)
        .map(|(_, new)| new.0.to_string())
        .collect();
    let happens = format!(
        "around its snapshots other commands are run in {}, or the same ones otherwise",
        differing.join(", ")
    );
    let mut told = change.told(Kind::SettingChanged, subject(change), "hooks", happens, "");
    for difference in &mut told {
        (difference.old, difference.new) = (None, None);
    }
    told
}

fn dumps(change: &Change, sides: &Sides) -> Vec<Difference> {
    let Some((old, new)) = groups(change, sides) else {
        return Vec::new();
    };
    let names = |group: &GroupPlan| -> Vec<String> {
        let all = group.dumps.iter();
        all.map(|dump| format!("{} into {}", dump.container, dump.volume))
            .collect()
    };
    let (before, after) = (names(old), names(new));
    let happens = match after.as_slice() {
        [] => "nothing is dumped before its snapshots any more; the dumps that are there stay"
            .to_owned(),
        now if *now == before => {
            "how its databases are dumped before each snapshot is other".to_owned()
        }
        now => format!("before each snapshot is dumped: {}", now.join(", ")),
    };
    let mut told = change.told(Kind::SettingChanged, subject(change), "dumps", happens, "");
    for difference in &mut told {
        (difference.old, difference.new) = (None, None);
    }
    told
}

fn budget(change: &Change, _: &Sides) -> Vec<Difference> {
    let seconds = |value: &Option<Value>| {
        let seconds = value.as_ref().and_then(Value::as_u64);
        Duration::from_seconds(seconds.unwrap_or_default())
    };
    let happens = format!(
        "a snapshot holds its containers still for at most {} instead of {}",
        seconds(&change.new),
        seconds(&change.old)
    );
    let field = "freezeBudget";
    change.told(Kind::SettingChanged, subject(change), field, happens, "")
}

fn occasion(change: &Change, _: &Sides) -> Vec<Difference> {
    let when = match change.field() {
        "stop" => "when its last container has stopped",
        "imageUpdate" => "before an image of it is replaced",
        _ => "before a new configuration is activated",
    };
    let happens = if change.new == Some(Value::Bool(true)) {
        format!("it is snapshotted {when}, too")
    } else {
        format!("no snapshot of it is taken {when} any more")
    };
    let field = format!("snapshotOn.{}", change.field());
    change.told(Kind::SettingChanged, subject(change), &field, happens, "")
}
