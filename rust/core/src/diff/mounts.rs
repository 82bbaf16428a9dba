//! Mounts, their options, and the subvolumes below them.

use serde_json::Value;

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::filesystems::{both, subject};
use super::kind::Kind;
use crate::plan::FilesystemPlan;

const BY_USE: &str = "the workload, store or tool that it is for is told";

pub(super) const CLAIMS: &[Claim] = &[
    by("filesystems.*.mountPoint", mount_point),
    by("filesystems.*.mountOptions", mount_options),
    by("filesystems.*.mounts.*", mount),
    by("filesystems.*.mounts.*.subvolume", mounted_subvolume),
    follows(
        "filesystems.*.mounts.*.mountPoint",
        "it is what mounts are told apart by",
    ),
    follows(
        "filesystems.*.mounts.*.options",
        "the filesystem's options and the subvolume are told",
    ),
    follows("filesystems.*.mounts.*.role", "the subvolume is told"),
    by("filesystems.*.mounts.*.neededForBoot", setting_of_mount),
    follows("filesystems.*.subvolumes.*", BY_USE),
    follows("filesystems.*.subvolumes.*.path", BY_USE),
    follows("filesystems.*.subvolumes.*.hostPath", BY_USE),
    follows("filesystems.*.subvolumes.*.role", BY_USE),
    follows("filesystems.*.subvolumes.*.owner", BY_USE),
    by("filesystems.*.subvolumes.*.mode", mode),
    follows("filesystems.*.subvolumes.*.limitBytes", BY_USE),
];

fn mount_point(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::MountPointMoved,
        subject(change),
        "mountPoint",
        "the same subvolumes are mounted elsewhere; containers that use them are stopped and started with the new paths",
        "stop what else uses the old paths, and change it",
    )
}

fn mount_options(change: &Change, sides: &Sides) -> Vec<Difference> {
    let (before, after) = both(change, sides)
        .map(|(old, new)| (old.mount_options.clone(), new.mount_options.clone()))
        .unwrap_or_default();
    let only = |here: &[String], there: &[String]| {
        let items: Vec<_> = here
            .iter()
            .filter(|option| !there.contains(option))
            .cloned()
            .collect();
        if items.is_empty() {
            "nothing".to_owned()
        } else {
            items.join(",")
        }
    };
    change.told(
        Kind::MountOptionsChanged,
        subject(change),
        "mountOptions",
        format!(
            "a switch remounts it and changes the options of the whole filesystem at once, for every mount and container on it: {} instead of {}",
            only(&after, &before),
            only(&before, &after)
        ),
        "switch when nothing on it is busy, or let the next boot do it (`nixos-rebuild boot`)",
    )
}

fn mount(change: &Change, sides: &Sides) -> Vec<Difference> {
    let text = |value: &Option<Value>, field: &str| {
        Change::text(value.as_ref().and_then(|it| it.get(field)))
    };
    // Where a filesystem's mount point moved, its mounts go along.
    if both(change, sides).is_some_and(|(old, new)| old.mount_point != new.mount_point) {
        let is_along = |plan: &FilesystemPlan, subvolume: &str| {
            plan.mounts
                .iter()
                .any(|mount| mount.subvolume.to_string() == subvolume)
        };
        let subvolume = text(
            if change.new.is_some() {
                &change.new
            } else {
                &change.old
            },
            "subvolume",
        );
        if both(change, sides)
            .is_some_and(|(old, new)| is_along(old, &subvolume) && is_along(new, &subvolume))
        {
            return Vec::new();
        }
    }
    // Its mount comes and goes with the swap file, which says what that means.
    let role = |value: &Option<Value>| text(value, "role");
    if role(&change.old) == "swap" || role(&change.new) == "swap" {
        return Vec::new();
    }
    let field = format!("mounts.{}", change.name(1));
    if change.old.is_none() {
        let happens = format!("{} is mounted there", text(&change.new, "subvolume"));
        change.told(Kind::MountAppeared, subject(change), &field, happens, "")
    } else {
        let happens = format!(
            "{} is no longer mounted there, and what is written there goes to the filesystem below; what it holds stays on it",
            text(&change.old, "subvolume")
        );
        change.told(
            Kind::MountVanished,
            subject(change),
            &field,
            happens,
            "stop what writes there, and move what is still needed",
        )
    }
}

fn mounted_subvolume(change: &Change, _: &Sides) -> Vec<Difference> {
    let happens = format!(
        "at {} appears what {} holds, and no longer what {} holds",
        change.name(1),
        change.new_text(),
        change.old_text()
    );
    change.told(
        Kind::OtherSubvolume,
        subject(change),
        &format!("mounts.{}", change.name(1)),
        happens,
        "move the data between the subvolumes first, with everything stopped",
    )
}

fn setting_of_mount(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        subject(change),
        &format!("mounts.{}.{}", change.name(1), change.field()),
        "it is mounted at another moment of the boot",
        "",
    )
}

fn mode(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        subject(change),
        &format!("{}.mode", change.name(1)),
        "a subvolume that is made from now on has this mode; an existing one keeps its own",
        format!(
            "`chmod` of {}, where the new mode is wanted",
            change.name(1)
        ),
    )
}
