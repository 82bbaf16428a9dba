//! Workloads and their copies.

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::kind::Kind;
use crate::plan::{Instance, Subject, WorkloadPlan};

pub(super) const CLAIMS: &[Claim] = &[
    by("workloads.*", appears_or_vanishes),
    by("workloads.*.user", owner),
    by("workloads.*.renamedFrom", renamed),
    by("workloads.*.consistency", consistency),
    follows(
        "workloads.*.moment",
        "it follows from the consistency and from the subvolumes of the volumes",
    ),
    by("workloads.*.instances.*", copies),
    follows(
        "workloads.*.instances.*.name",
        "the workload's new name is told",
    ),
    by("workloads.*.instances.*.group", group),
];

pub(super) fn subject(change: &Change) -> Subject {
    Subject::Workload(change.name(0).to_owned())
}

/// The workload in the old plan, whatever its name there.
pub(super) fn before<'p>(change: &Change, sides: &Sides<'p>) -> Option<&'p WorkloadPlan> {
    let name = change.name(0);
    let old = sides.identity.old_workload(name).unwrap_or(name);
    let found = sides
        .old
        .workloads
        .iter()
        .find(|(known, _)| known.as_str() == old)?;
    Some(found.1)
}

/// The workload in the new plan.
pub(super) fn after<'p>(change: &Change, sides: &Sides<'p>) -> Option<&'p WorkloadPlan> {
    let name = change.name(0);
    let found = sides
        .new
        .workloads
        .iter()
        .find(|(known, _)| known.as_str() == name)?;
    Some(found.1)
}

/// The copy in the old plan and in the new one.
pub(super) fn copy_of<'p>(
    change: &Change,
    sides: &Sides<'p>,
) -> Option<(&'p Instance, &'p Instance)> {
    let index: usize = change.name(1).parse().ok()?;
    let old = before(change, sides)?.instances.get(index)?;
    let new = after(change, sides)?.instances.get(index)?;
    Some((old, new))
}

/// What becomes of volumes that nobody declares any more.
pub(super) fn left_behind(was_snapshotted: bool) -> String {
    let snapshots = if was_snapshotted {
        "; no further snapshot is taken, and those that exist are no longer pruned"
    } else {
        ""
    };
    format!("nothing is deleted{snapshots}")
}

fn paths(instances: &[Instance]) -> String {
    let paths: Vec<String> = instances
        .iter()
        .flat_map(|instance| instance.volumes.values())
        .map(|volume| volume.host_path.to_string())
        .collect();
    match paths.as_slice() {
        [] => "it has no volumes".to_owned(),
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!(
                "its data stays at {first}, {second}, {third} and {} more places",
                rest.len()
            )
        }
        few => format!("its data stays at {}", few.join(", ")),
    }
}

fn appears_or_vanishes(change: &Change, sides: &Sides) -> Vec<Difference> {
    if let (Some(new), None) = (after(change, sides), &change.old) {
        let count: usize = new.instances.iter().map(|copy| copy.volumes.len()).sum();
        let happens = match count {
            0 => "it has no volumes, so nothing is made".to_owned(),
            1 => "its volume is made, empty".to_owned(),
            _ => format!("its {count} volumes are made, empty"),
        };
        return change.told(Kind::WorkloadAppeared, subject(change), "", happens, "");
    }
    let Some(old) = before(change, sides) else {
        return Vec::new();
    };
    let was_snapshotted = old.instances.iter().any(|copy| !copy.group.is_empty());
    let happens = format!(
        "{}: {}",
        paths(&old.instances),
        left_behind(was_snapshotted)
    );
    let successor = sides.new.workloads.iter().find(|(name, new)| {
        !sides.old.workloads.contains_key(name)
            && new.renamed_from.is_none()
            && volumes(new) == volumes(old)
    });
    let remedy = match successor {
        Some((name, _)) if old.instances.iter().any(|copy| !copy.volumes.is_empty()) => format!(
            "if it is {name} now, say `workloads.{name}.renamedFrom = \"{}\"`",
            change.name(0)
        ),
        _ => "take a last snapshot and delete the subvolumes by hand once the data is not needed, or keep it declared".to_owned(),
    };
    change.told(Kind::WorkloadVanished, subject(change), "", happens, remedy)
}

/// Names of volumes, by which a workload is known again.
fn volumes(workload: &WorkloadPlan) -> Vec<&str> {
    let first = workload.instances.first();
    let names = first.into_iter().flat_map(|copy| copy.volumes.keys());
    names.map(crate::units::Name::as_str).collect()
}

fn owner(change: &Change, _: &Sides) -> Vec<Difference> {
    let user = |text: String| {
        if text == "nothing" {
            "root".to_owned()
        } else {
            text
        }
    };
    let happens = format!(
        "its containers run as {}; files that they wrote as {} keep their owner, and may be unreadable to them",
        user(change.new_text()),
        user(change.old_text())
    );
    change.told(
        Kind::OwnerChanged,
        subject(change),
        "user",
        happens,
        "stop it, change the owner of its volumes (`podman unshare chown` for a rootless user), and start it again",
    )
}

fn renamed(change: &Change, sides: &Sides) -> Vec<Difference> {
    let Some(old) = sides.identity.old_workload(change.name(0)) else {
        return Vec::new();
    };
    let (Some(before), Some(after)) = (before(change, sides), after(change, sides)) else {
        return Vec::new();
    };
    let subvolumes = |workload: &WorkloadPlan| -> Vec<String> {
        let mut all: Vec<String> = workload
            .instances
            .iter()
            .flat_map(|copy| copy.volumes.values())
            .map(|volume| volume.subvolume.to_string())
            .collect();
        all.sort();
        all.dedup();
        all
    };
    let moves: Vec<String> = subvolumes(before)
        .iter()
        .zip(subvolumes(after))
        .take(4)
        .map(|(from, to)| format!("{from} to {to}"))
        .collect();
    if moves.is_empty() {
        return change.told(
            Kind::SettingChanged,
            subject(change),
            "renamedFrom",
            format!("it was {old}, and has no volumes to move"),
            "",
        );
    }
    change.told(
        Kind::WorkloadRenamed,
        subject(change),
        "renamedFrom",
        format!("it was {old}; its volumes are looked for under the new name, and nothing moves them by itself yet"),
        format!(
            "stop it and rename its subvolumes, which is instant ({}); `apply` makes no empty ones beside them",
            moves.join(", ")
        ),
    )
}

fn consistency(change: &Change, _: &Sides) -> Vec<Difference> {
    let rank = |text: &str| match text {
        "application" => 2,
        "crash" => 1,
        _ => 0,
    };
    let (old, new) = (change.old_text(), change.new_text());
    // With no snapshots there is nothing to show; that they begin or stop is told.
    if old == "nothing" || new == "nothing" {
        return Vec::new();
    }
    if rank(&new) < rank(&old) {
        let lost = if old == "application" {
            "snapshots are taken without quiescing its applications"
        } else {
            "its volumes may be snapshotted at different moments"
        };
        return change.told(
            Kind::ConsistencyWeakened,
            subject(change),
            "consistency",
            lost,
            "make sure that a restore from such a snapshot works, before one is needed",
        );
    }
    change.told(
        Kind::ConsistencyStrengthened,
        subject(change),
        "consistency",
        "snapshots from now on show it so; those that exist do not",
        "",
    )
}

fn copies(change: &Change, sides: &Sides) -> Vec<Difference> {
    let index = change.name(1).parse::<usize>().unwrap_or_default();
    if change.old.is_none() {
        let name = after(change, sides)
            .and_then(|workload| workload.instances.get(index))
            .map_or_else(String::new, |copy| copy.name.clone());
        let happens = format!("{name} is made, with empty volumes");
        return change.told(Kind::CopyAppeared, subject(change), "replicas", happens, "");
    }
    let Some(copy) = before(change, sides).and_then(|old| old.instances.get(index)) else {
        return Vec::new();
    };
    let happens = format!(
        "{} is no longer declared and {}: {}",
        copy.name,
        paths(std::slice::from_ref(copy)),
        left_behind(!copy.group.is_empty())
    );
    change.told(
        Kind::CopyVanished,
        subject(change),
        "replicas",
        happens,
        "take a last snapshot and delete its subvolumes by hand once the data is not needed",
    )
}

fn group(change: &Change, sides: &Sides) -> Vec<Difference> {
    match copy_of(change, sides) {
        Some((old, new)) if new.group.len() > 1 && old.group.len() == 1 => {
            let happens = format!(
                "one snapshot showed all of it at one moment; now {} are taken one after the other",
                new.group.len()
            );
            change.told(
                Kind::GroupSplit,
                subject(change),
                "group",
                happens,
                "keep what belongs together without limits and filesystems of its own, or stop it for the snapshots",
            )
        }
        _ => Vec::new(),
    }
}
