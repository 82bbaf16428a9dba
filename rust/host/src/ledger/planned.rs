//! A plan's volumes, each under the name that the ledger has it by.

use std::collections::BTreeSet;

use podman_btrfs_core::plan::{Plan, VolumePlan};
use podman_btrfs_core::spec::Class;
use podman_btrfs_core::units::FilesystemName;

use super::Place;

/// One volume of one copy of a workload.
pub(crate) struct PlannedVolume<'a> {
    /// As `shop/pgdata`, with the copy's own name.
    pub(crate) key: String,
    /// The same under the workload's former name.
    pub(crate) former: Option<String>,
    /// Where it is planned.
    pub(crate) place: Place,
    /// What is planned for it.
    pub(crate) planned: &'a VolumePlan,
    /// Whether somebody declared it to hold what can be had again at any time.
    pub(crate) is_worthless: bool,
}

/// The names of all volumes.
pub(super) fn keys(plan: &Plan) -> BTreeSet<String> {
    plan.volumes().map(|(_, _, volume)| volume.key()).collect()
}

/// The volumes that are planned on a filesystem.
pub(super) fn on<'a>(plan: &'a Plan, filesystem: &FilesystemName) -> Vec<PlannedVolume<'a>> {
    let bases = plan.class_bases();
    let on_it = plan
        .volumes()
        .filter(|(_, _, volume)| volume.planned.filesystem == *filesystem);
    let named = on_it.map(|(name, workload, volume)| {
        let planned = volume.planned;
        let known = bases.get(&(name.as_str(), volume.name.as_str()));
        let is_declared = known.is_some_and(|known| known.certainty == "declared");
        PlannedVolume {
            key: volume.key(),
            former: volume.former_key(name, workload),
            place: Place {
                filesystem: planned.filesystem.clone(),
                path: planned.place(volume.name),
            },
            planned,
            is_worthless: is_declared
                && matches!(planned.class, Some(Class::Cache | Class::Scratch)),
        }
    });
    named.collect()
}
