//! Filesystems: where they are, how they are mounted, what they keep.

use serde_json::Value;

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::kind::Kind;
use crate::plan::{FilesystemPlan, Subject};
use crate::rules::capacity::sizes_beyond_capacity;
use crate::spec::Profile;

pub(super) const CLAIMS: &[Claim] = &[
    by("filesystems.*", appears_or_vanishes),
    by("filesystems.*.origin.kind", kind),
    by("filesystems.*.origin.disks", disks),
    by("filesystems.*.origin.encryption", encryption),
    by("filesystems.*.label", label),
    by("filesystems.*.device", device),
    by("filesystems.*.dataProfile", profile),
    by("filesystems.*.metadataProfile", profile),
    follows(
        "filesystems.*.media",
        "the mount options say what follows from it",
    ),
    by("filesystems.*.system", system),
    follows(
        "filesystems.*.bootPartitions",
        "they follow from the disks, the profiles and `system`",
    ),
    by("filesystems.*.swap", swap),
    by("filesystems.*.swap.sizeBytes", swap),
    follows("filesystems.*.swap.subvolume", "its mount says it"),
    follows(
        "filesystems.*.swap.path",
        "it lies in its subvolume's mount",
    ),
    by("filesystems.*.quota", quota),
    by("filesystems.*.upkeep.scrub", upkeep),
    by("filesystems.*.upkeep.trim", upkeep),
    by("filesystems.*.upkeep.balance", upkeep),
    follows(
        "filesystems.*.reserveBytes",
        "it follows from the disks, and is advice to whoever fills them",
    ),
];

pub(super) fn subject(change: &Change) -> Subject {
    Subject::Filesystem(change.name(0).to_owned())
}

/// The filesystem in the old plan and in the new one.
pub(super) fn both<'p>(
    change: &Change,
    sides: &Sides<'p>,
) -> Option<(&'p FilesystemPlan, &'p FilesystemPlan)> {
    let name = change.name(0);
    let old = sides
        .old
        .filesystems
        .iter()
        .find(|(old, _)| sides.identity.filesystem(old.as_str()) == name)?;
    let new = sides
        .new
        .filesystems
        .iter()
        .find(|(new, _)| new.as_str() == name)?;
    Some((old.1, new.1))
}

fn appears_or_vanishes(change: &Change, _: &Sides) -> Vec<Difference> {
    let is_formatted = |value: &Option<Value>| {
        value
            .as_ref()
            .and_then(|value| value.pointer("/origin/kind"))
            .and_then(Value::as_str)
            == Some("new")
    };
    match (&change.old, is_formatted(&change.new)) {
        (None, true) => change.told(
            Kind::FilesystemAppeared,
            subject(change),
            "",
            "it is made when disko formats its disks; a switch of a running host formats nothing",
            "run disko for its disks, or make it by hand, before the switch",
        ),
        (None, false) => change.told(
            Kind::FilesystemAppeared,
            subject(change),
            "",
            "an existing filesystem is mounted, and what it lacks is made in it",
            "",
        ),
        (Some(_), _) => change.told(
            Kind::FilesystemVanished,
            subject(change),
            "",
            "it is no longer mounted, and nothing on it is snapshotted any more; what it holds stays on it",
            "move what is still needed, or keep the filesystem declared",
        ),
    }
}

fn kind(change: &Change, _: &Sides) -> Vec<Difference> {
    if change.new_text() == "new" {
        change.told(
            Kind::FormattedAnew,
            subject(change),
            "origin",
            "an installation with this declaration formats the disks, and what they hold is gone",
            "keep `device` for a filesystem that exists",
        )
    } else {
        change.told(
            Kind::SettingChanged,
            subject(change),
            "origin",
            "it is taken for what exists, and no installation formats it any more",
            "",
        )
    }
}

fn disks(change: &Change, sides: &Sides) -> Vec<Difference> {
    // From disks to a device or back is told as such.
    let same_kind = both(change, sides).is_some_and(|(old, new)| {
        std::mem::discriminant(&old.origin) == std::mem::discriminant(&new.origin)
    });
    if !same_kind {
        return Vec::new();
    }
    change.told(
        Kind::DisksChanged,
        subject(change),
        "disks",
        "an installation takes these disks; on a running host nothing adds or removes a device",
        "`btrfs device add` or `btrfs device remove`, then `btrfs balance`, before the disks change hands",
    )
}

fn encryption(change: &Change, sides: &Sides) -> Vec<Difference> {
    let same_kind = both(change, sides).is_some_and(|(old, new)| {
        std::mem::discriminant(&old.origin) == std::mem::discriminant(&new.origin)
    });
    if !same_kind {
        return Vec::new();
    }
    change.told(
        Kind::EncryptionChanged,
        subject(change),
        "encryption",
        "encryption lies below the filesystem: only an installation sets it up, on empty disks",
        "copy the data away, install anew, and copy it back; or replace one disk after the other",
    )
}

fn swap(change: &Change, _: &Sides) -> Vec<Difference> {
    let is_declared = |value: &Option<Value>| value.as_ref().is_some_and(|value| !value.is_null());
    let (what, remedy) = match (is_declared(&change.old), is_declared(&change.new)) {
        (false, _) => (
            "an installation makes the swap file; on a running host it does not appear by itself",
            "`btrfs filesystem mkswapfile --size SIZE FILE` once its subvolume is mounted",
        ),
        (_, false) => (
            "nothing swaps to it any more; the file stays where it is",
            "remove the file once `swapon --show` no longer lists it",
        ),
        (true, true) => (
            "the file that is there keeps its size",
            "`swapoff` it, remove it, and make it anew with `btrfs filesystem mkswapfile --size SIZE FILE`",
        ),
    };
    change.told(Kind::SettingChanged, subject(change), "swap", what, remedy)
}

fn upkeep(change: &Change, _: &Sides) -> Vec<Difference> {
    let is_planned = change.new.as_ref().is_some_and(|value| !value.is_null());
    let (aspect, done, left) = match change.field() {
        "scrub" => (
            "scrub",
            "it is scrubbed by this calendar from now on",
            "nothing scrubs it any more: what decays is found when it is read, or not at all",
        ),
        "trim" => (
            "trim",
            "it is trimmed by this calendar from now on",
            "no timer trims it any more",
        ),
        _ => (
            "balance",
            "by this calendar it is looked whether unallocated space runs low",
            "chunks that are mostly empty are no longer given back",
        ),
    };
    let what = if is_planned { done } else { left };
    change.told(Kind::SettingChanged, subject(change), aspect, what, "")
}

fn label(change: &Change, sides: &Sides) -> Vec<Difference> {
    match both(change, sides) {
        Some((old, new)) if !old.label.is_empty() && !new.label.is_empty() => change.told(
            Kind::OtherDevice,
            subject(change),
            "label",
            "its mounts name it by its label, and the label on the disk is still the old one, so it is not found",
            format!("`btrfs filesystem label {} {}` right before the switch", old.mount_point, new.label),
        ),
        _ => Vec::new(),
    }
}

fn device(change: &Change, sides: &Sides) -> Vec<Difference> {
    match both(change, sides) {
        // What follows from a label or from another origin is told there.
        Some((old, new))
            if !old.label.is_empty()
                || std::mem::discriminant(&old.origin) != std::mem::discriminant(&new.origin) =>
        {
            Vec::new()
        }
        _ => change.told(
            Kind::OtherDevice,
            subject(change),
            "device",
            "whatever is on the new device is mounted in its place; if that is not the same filesystem, all volumes on it begin empty",
            "make sure that both names lead to the same filesystem (`blkid`), or copy the data first",
        ),
    }
}

fn profile(change: &Change, sides: &Sides) -> Vec<Difference> {
    let filter = if change.field() == "dataProfile" {
        "-dconvert"
    } else {
        "-mconvert"
    };
    let copies = |value: &Option<Value>| {
        let profile = serde_json::from_value::<Profile>(value.clone()?).ok()?;
        Some(profile.copies())
    };
    let (old, new) = (copies(&change.old), copies(&change.new));
    let (Some(before), Some(after)) = (old, new) else {
        return change.told(
            Kind::KnowledgeChanged,
            subject(change),
            change.field(),
            "an existing filesystem keeps the profile that it has, whatever is known of it",
            "",
        );
    };
    let has_no_room = sides.new.diagnostics.iter().any(|found| {
        found.code == sizes_beyond_capacity::RULE.code
            && Subject::about(&found.at) == subject(change)
    });
    let convert = format!(
        "`btrfs balance start {filter}={} {}`",
        change.new_text(),
        both(change, sides).map_or_else(String::new, |(_, new)| new.mount_point.to_string()),
    );
    let (kind, happens, remedy) = if after > before && has_no_room {
        (
            Kind::ProfileWithoutRoom,
            format!(
                "nothing converts it by itself; with {after} copies of each block what is declared does not fit, and a balance that runs out of space stops half way"
            ),
            "add a disk before converting".to_owned(),
        )
    } else if after < before {
        (
            Kind::MirrorsGivenUp,
            format!(
                "nothing converts it by itself; after converting, {after} of {before} copies of each block is left, and damage to the rest cannot be healed"
            ),
            convert,
        )
    } else {
        (
            Kind::ProfileChanged,
            "nothing converts it by itself: blocks keep the profile that they were written with"
                .to_owned(),
            format!("{convert}, which rewrites everything and needs unallocated space"),
        )
    };
    change.told(kind, subject(change), change.field(), happens, remedy)
}

fn system(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SystemMoved,
        subject(change),
        "system",
        "`/`, `/nix` and `/var/log` are looked for on other subvolumes at the next boot, and a switch copies nothing there",
        "copy the system into the new subvolumes first, or install anew",
    )
}

fn quota(change: &Change, _: &Sides) -> Vec<Difference> {
    if change.new_text() == "watched" {
        return change.told(
            Kind::QuotaEnds,
            subject(change),
            "quota",
            "limits are sizes to watch from now on; nothing enforces one that is set anew",
            "",
        );
    }
    if change.new_text() == "none" {
        change.told(
            Kind::QuotaEnds,
            subject(change),
            "quota",
            "nothing switches the accounting off: limits that were set hold on",
            "`btrfs quota disable`, where neither accounting nor limits are wanted",
        )
    } else {
        change.told(
            Kind::QuotaBegins,
            subject(change),
            "quota",
            "`apply` enables simple quotas; what was written before is not counted against any limit",
            "",
        )
    }
}

/// A filesystem that has another name; names are no paths of the plan, so no change says it.
pub(super) fn renamed(sides: &Sides) -> Vec<Difference> {
    let all = sides.identity.filesystems.iter();
    all.flat_map(|(old, new)| {
        let change = Change {
            pattern: String::new(),
            names: vec![new.clone()],
            old: Some(old.as_str().into()),
            new: Some(new.as_str().into()),
        };
        change.told(
            Kind::FilesystemRenamed,
            subject(&change),
            "name",
            "it is known by its device or its disks; its snapshot jobs and units get the new name",
            "",
        )
    })
    .collect()
}
