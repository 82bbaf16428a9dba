//! Further copies of a workload, which are told in one line.

use std::collections::BTreeMap;

use podman_btrfs_core::plan::{Instance, Plan, WorkloadPlan};

use crate::output::Style;
use crate::render::words::count;

/// For each subvolume of a further copy: the subvolume of the first copy that it is like.
pub(super) fn originals(plan: &Plan) -> BTreeMap<(&str, &str), &str> {
    plan.workloads
        .values()
        .filter_map(|workload| workload.instances.split_first())
        .flat_map(|(first, further)| further.iter().flat_map(|copy| pairs(first, copy)))
        .collect()
}

fn pairs<'a>(
    first: &'a Instance,
    copy: &'a Instance,
) -> impl Iterator<Item = ((&'a str, &'a str), &'a str)> {
    copy.volumes.iter().filter_map(|(name, volume)| {
        let original = first.volumes.get(name)?;
        let key = (volume.filesystem.as_str(), volume.subvolume.as_str());
        Some((key, original.subvolume.as_str()))
    })
}

/// `shop@2 … shop@200  199 more copies`; nothing for a single copy.
pub(super) fn told(workload: &WorkloadPlan, style: Style) -> Option<(String, String)> {
    let (_, further) = workload.instances.split_first()?;
    Some((
        range(further.first()?, further.last()?, style),
        more(further.len()),
    ))
}

fn range(first: &Instance, last: &Instance, style: Style) -> String {
    if first.name == last.name {
        first.name.clone()
    } else {
        format!("{} {} {}", first.name, style.ellipsis(), last.name)
    }
}

fn more(number: usize) -> String {
    count(number, "more copy")
}
