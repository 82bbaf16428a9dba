//! Volumes: where their data lies, and with what attributes.

use serde_json::Value;

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::kind::Kind;
use super::workloads::{after, before, copy_of, left_behind};
use crate::plan::{Subject, VolumePlan};
use crate::units::ByteSize;

pub(super) const CLAIMS: &[Claim] = &[
    by("workloads.*.instances.*.volumes.*", appears_or_vanishes),
    by("workloads.*.instances.*.volumes.*.filesystem", filesystem),
    by("workloads.*.instances.*.volumes.*.hostPath", path),
    follows(
        "workloads.*.instances.*.volumes.*.subvolume",
        "the path on the host is told",
    ),
    by("workloads.*.instances.*.volumes.*.placement", placement),
    by("workloads.*.instances.*.volumes.*.class", knowledge),
    by("workloads.*.instances.*.volumes.*.engine", knowledge),
    by(
        "workloads.*.instances.*.volumes.*.copyOnWrite",
        copy_on_write,
    ),
    by("workloads.*.instances.*.volumes.*.compression", compression),
    by("workloads.*.instances.*.volumes.*.snapshot", snapshot),
    by("workloads.*.instances.*.volumes.*.limitBytes", limit),
];

fn subject(change: &Change) -> Subject {
    Subject::Volume(change.name(0).to_owned(), change.name(2).to_owned())
}

/// The volume in the old plan and in the new one.
fn both<'p>(change: &Change, sides: &Sides<'p>) -> Option<(&'p VolumePlan, &'p VolumePlan)> {
    let (old, new) = copy_of(change, sides)?;
    let find = |volumes: &'p std::collections::BTreeMap<_, VolumePlan>| {
        volumes
            .iter()
            .find(|(name, _): &(&crate::units::VolumeName, _)| name.as_str() == change.name(2))
            .map(|(_, volume)| volume)
    };
    Some((find(&old.volumes)?, find(&new.volumes)?))
}

/// The volume that the old plan has, for one that the new plan lacks.
fn appears_or_vanishes(change: &Change, _: &Sides) -> Vec<Difference> {
    let path =
        |value: &Option<Value>| Change::text(value.as_ref().and_then(|it| it.get("hostPath")));
    if change.old.is_none() {
        let happens = format!("it is made, empty, at {}", path(&change.new));
        return change.told(Kind::VolumeAppeared, subject(change), "", happens, "");
    }
    let is = |field: &str, wanted: &Value| {
        change.old.as_ref().and_then(|it| it.get(field)) == Some(wanted)
    };
    let own = is("placement", &"own-subvolume".into());
    let happens = if own {
        format!(
            "its data stays at {}: {}",
            path(&change.old),
            left_behind(is("snapshot", &true.into()))
        )
    } else {
        format!(
            "its data stays at {} and goes on being snapshotted with its workload: nothing is deleted",
            path(&change.old)
        )
    };
    change.told(
        Kind::VolumeVanished,
        subject(change),
        "",
        happens,
        "delete it by hand once its data is not needed; a volume under another name begins empty, so rename the directory before",
    )
}

fn move_of(change: &Change, sides: &Sides) -> String {
    match both(change, sides) {
        Some((old, new)) => format!(
            "stop {}, copy {} to {} (`cp --archive --reflink=auto`), compare, and start it again",
            change.name(0),
            old.host_path,
            new.host_path
        ),
        None => format!("stop {} and copy the data", change.name(0)),
    }
}

fn filesystem(change: &Change, sides: &Sides) -> Vec<Difference> {
    if sides.identity.filesystem(&change.old_text()) == change.new_text() {
        return Vec::new();
    }
    let happens = format!(
        "an empty volume is made on {}; the data stays on {}, where nothing snapshots it any more",
        change.new_text(),
        change.old_text()
    );
    change.told(
        Kind::OtherFilesystem,
        subject(change),
        "filesystem",
        happens,
        move_of(change, sides),
    )
}

fn placement(change: &Change, sides: &Sides) -> Vec<Difference> {
    let happens = if change.new_text() == "own-subvolume" {
        "an empty subvolume of its own is made; the data stays in the directory of its group"
    } else {
        "an empty directory is made in its group; the data stays in its old subvolume"
    };
    change.told(
        Kind::PlacementChanged,
        subject(change),
        "placement",
        happens,
        move_of(change, sides),
    )
}

/// A path that changed for no reason that is told elsewhere.
fn path(change: &Change, sides: &Sides) -> Vec<Difference> {
    let is_told = both(change, sides).is_none_or(|(old, new)| {
        let mounted = |plan: &crate::plan::Plan, name| {
            plan.filesystems.get(name).map(|it| it.mount_point.clone())
        };
        old.placement != new.placement
            || old.filesystem != new.filesystem
            || mounted(sides.old, &old.filesystem) != mounted(sides.new, &new.filesystem)
    });
    if is_told || sides.identity.old_workload(change.name(0)).is_some() {
        return Vec::new();
    }
    change.told(
        Kind::OtherPlace,
        subject(change),
        "hostPath",
        "an empty volume is made at the new place; the data stays at the old one",
        move_of(change, sides),
    )
}

fn knowledge(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::KnowledgeChanged,
        subject(change),
        change.field(),
        "nothing follows by itself; what is decided otherwise because of it is told on its own",
        "",
    )
}

fn copy_on_write(change: &Change, sides: &Sides) -> Vec<Difference> {
    let happens = if change.new == Some(Value::Bool(false)) {
        "an empty directory is given the nodatacow attribute, but one that holds files is left as it is, and `apply` reports it"
    } else {
        "the nodatacow attribute stays on what exists, which goes on without checksums, and `apply` reports it"
    };
    let at = both(change, sides).map_or_else(String::new, |(_, new)| new.host_path.to_string());
    change.told(
        Kind::CopyOnWriteChanged,
        subject(change),
        "copyOnWrite",
        happens,
        format!(
            "stop {}, move {at} aside, let `apply` make it anew, and copy the files back without reflinks (`cp --archive --reflink=never`)",
            change.name(0)
        ),
    )
}

fn compression(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::CompressionChanged,
        subject(change),
        "compression",
        "what is written from now on is compressed so; files that exist stay as they are",
        "",
    )
}

fn snapshot(change: &Change, sides: &Sides) -> Vec<Difference> {
    let is_protected = |copy: Option<&crate::plan::WorkloadPlan>| {
        copy.is_some_and(|workload| workload.consistency.is_some())
    };
    if change.new == Some(Value::Bool(true)) {
        if !is_protected(after(change, sides)) {
            return Vec::new();
        }
        let happens = "its workload's snapshots hold it from now on";
        return change.told(
            Kind::SnapshotsBegin,
            subject(change),
            "snapshot",
            happens,
            "",
        );
    }
    if !is_protected(before(change, sides)) {
        return Vec::new();
    }
    change.told(
        Kind::SnapshotsStop,
        subject(change),
        "snapshot",
        "no further snapshot and no further copy holds it; those that exist go with the retention of its workload",
        "make sure that its data can be had again in another way",
    )
}

fn limit(change: &Change, _: &Sides) -> Vec<Difference> {
    let bytes = |value: &Option<Value>| value.as_ref().and_then(Value::as_u64);
    let (old, new) = (bytes(&change.old), bytes(&change.new));
    let mut told = match (old, new) {
        (Some(before), Some(after)) if after < before => change.told(
            Kind::LimitLowered,
            subject(change),
            "limit",
            "once it holds more than that, every write fails",
            "look at what it holds (`btrfs qgroup show`) before the switch",
        ),
        (_, Some(_)) => change.told(
            Kind::LimitChanged,
            subject(change),
            "limit",
            "`apply` sets it; writes beyond it fail",
            "",
        ),
        (_, None) => change.told(
            Kind::LimitChanged,
            subject(change),
            "limit",
            "nothing takes a limit away that was set: it holds on where it is",
            "`btrfs qgroup limit none` on its subvolume",
        ),
    };
    for difference in &mut told {
        let shown =
            |bytes: Option<u64>| bytes.map(|it| ByteSize::from_bytes(it).to_string().into());
        (difference.old, difference.new) = (shown(old), shown(new));
    }
    told
}
