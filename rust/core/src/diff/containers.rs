//! Containers: what they run, and what they see of the volumes.

use serde_json::Value;

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::kind::Kind;
use super::workloads::{copy_of, subject};
use crate::units::{ImageReference, Text};

pub(super) const CLAIMS: &[Claim] = &[
    by("workloads.*.instances.*.pod", pod),
    by("workloads.*.instances.*.pod.name", pod),
    follows(
        "workloads.*.instances.*.pod.requiresMountsFor",
        "the volumes' paths are told",
    ),
    by("workloads.*.instances.*.containers.*", appears_or_vanishes),
    by("workloads.*.instances.*.containers.*.image", image),
    follows(
        "workloads.*.instances.*.containers.*.requiresMountsFor",
        "the volumes' paths are told",
    ),
    follows(
        "workloads.*.instances.*.containers.*.startsAfter",
        "an order of starts at the next boot touches nothing that runs",
    ),
    by("workloads.*.instances.*.containers.*.mounts.*", mount),
    by("workloads.*.instances.*.containers.*.readOnly", access),
    by("workloads.*.instances.*.containers.*.uses.*", used),
    follows(
        "workloads.*.instances.*.containers.*.uses.*.hostPath",
        "the owner's volume is told",
    ),
    by("workloads.*.instances.*.containers.*.uses.*.path", used),
    by(
        "workloads.*.instances.*.containers.*.uses.*.readOnly",
        access,
    ),
];

fn field(change: &Change, rest: &str) -> String {
    format!("containers.{}{rest}", change.name(2))
}

fn pod(change: &Change, _: &Sides) -> Vec<Difference> {
    let happens =
        "its containers are stopped and made anew, in the pod that is declared or in none";
    change.told(Kind::ContainerChanged, subject(change), "pod", happens, "")
}

fn appears_or_vanishes(change: &Change, _: &Sides) -> Vec<Difference> {
    let field = field(change, "");
    if change.old.is_none() {
        let happens = "it is started with the workload's volumes";
        change.told(
            Kind::ContainerAppeared,
            subject(change),
            &field,
            happens,
            "",
        )
    } else {
        let happens = "it is stopped; the volumes that it used stay";
        change.told(Kind::ContainerChanged, subject(change), &field, happens, "")
    }
}

fn mount(change: &Change, _: &Sides) -> Vec<Difference> {
    let field = field(change, &format!(".mounts.{}", change.name(3)));
    let (kind, happens) = match (&change.old, &change.new) {
        (None, _) => (
            Kind::ContainerAppeared,
            "the volume appears in the container",
        ),
        (_, None) => (
            Kind::ContainerChanged,
            "the container no longer sees the volume; what it writes at that path then is not kept",
        ),
        _ => (
            Kind::ContainerChanged,
            "the volume appears at another path of the container",
        ),
    };
    change.told(kind, subject(change), &field, happens, "")
}

/// A volume of another workload.
fn used(change: &Change, _: &Sides) -> Vec<Difference> {
    let field = field(change, &format!(".uses.{}", change.name(3)));
    let (kind, happens) = match (&change.old, &change.new) {
        (None, _) => (
            Kind::ContainerAppeared,
            "the other workload's volume appears in the container",
        ),
        (_, None) => (
            Kind::ContainerChanged,
            "the container no longer sees the other workload's volume, which stays",
        ),
        _ => (
            Kind::ContainerChanged,
            "the other workload's volume appears at another path of the container",
        ),
    };
    change.told(kind, subject(change), &field, happens, "")
}

fn access(change: &Change, _: &Sides) -> Vec<Difference> {
    let happens = "the container is made anew with other rights to write to what it mounts";
    let field = field(change, ".readOnly");
    change.told(Kind::ContainerChanged, subject(change), &field, happens, "")
}

/// The number that an image's tag begins with.
fn major(value: Option<&Value>) -> Option<(String, u32)> {
    let image = ImageReference::parse(value?.as_str()?).ok()?;
    let (_, tag) = image
        .as_str()
        .rsplit_once('/')
        .map_or((image.as_str(), image.as_str()), |(_, last)| (last, last));
    let (_, tag) = tag.split_once(':')?;
    let digits: String = tag.chars().take_while(char::is_ascii_digit).collect();
    Some((image.short_name().to_owned(), digits.parse().ok()?))
}

fn image(change: &Change, sides: &Sides) -> Vec<Difference> {
    let is_database = copy_of(change, sides).is_some_and(|(_, new)| {
        let container = new
            .containers
            .iter()
            .find(|(name, _)| name.as_str() == change.name(2));
        container.is_some_and(|(_, container)| {
            let mut mounted = container
                .mounts
                .keys()
                .filter_map(|volume| new.volumes.get(volume));
            mounted.any(|volume| volume.engine.is_some())
        })
    });
    let (old, new) = (major(change.old.as_ref()), major(change.new.as_ref()));
    let field = field(change, ".image");
    match (old, new) {
        (Some((before, old)), Some((after, new))) if is_database && before == after && old != new => change.told(
            Kind::DatabaseVersionChanged,
            subject(change),
            &field,
            format!("{after} {new} meets files that {before} {old} wrote; some engines refuse them, and others upgrade them with no way back"),
            "take a snapshot and a dump before the switch, and upgrade as the engine's manual says",
        ),
        _ => change.told(
            Kind::ImageChanged,
            subject(change),
            &field,
            "the container is made anew from the other image; its volumes stay",
            "",
        ),
    }
}
