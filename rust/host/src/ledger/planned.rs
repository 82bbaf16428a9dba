//! A plan's volumes, each under the name that the ledger has it by.

use std::collections::BTreeSet;

use podman_btrfs_core::plan::{Instance, Placement, Plan, VolumePlan, WorkloadPlan};
use podman_btrfs_core::spec::Class;
use podman_btrfs_core::units::{FilesystemName, VolumeName, WorkloadName};

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
    let names = plan.filesystems.keys();
    names
        .flat_map(|name| on(plan, name))
        .map(|volume| volume.key)
        .collect()
}

/// The volumes that are planned on a filesystem.
pub(super) fn on<'a>(plan: &'a Plan, filesystem: &FilesystemName) -> Vec<PlannedVolume<'a>> {
    let bases = plan.class_bases();
    let is_declared = |workload: &WorkloadName, volume: &VolumeName| {
        let known = bases.get(&(workload.as_str(), volume.as_str()));
        known.is_some_and(|known| known.certainty == "declared")
    };
    let mut all = Vec::new();
    for (name, workload) in &plan.workloads {
        for instance in &workload.instances {
            for (volume, planned) in &instance.volumes {
                if planned.filesystem == *filesystem {
                    let is_worthless = matches!(planned.class, Some(Class::Cache | Class::Scratch))
                        && is_declared(name, volume);
                    all.push(PlannedVolume {
                        key: format!("{}/{volume}", instance.name),
                        former: former(name, workload, instance, volume),
                        place: place_of(volume, planned),
                        planned,
                        is_worthless,
                    });
                }
            }
        }
    }
    all
}

fn former(
    name: &WorkloadName,
    workload: &WorkloadPlan,
    instance: &Instance,
    volume: &VolumeName,
) -> Option<String> {
    let before = workload.renamed_from.as_ref()?;
    let copy = instance.name.strip_prefix(name.as_str())?;
    Some(format!("{before}{copy}/{volume}"))
}

fn place_of(volume: &VolumeName, planned: &VolumePlan) -> Place {
    let subvolume = planned.subvolume.as_str();
    let path = match planned.placement {
        Placement::GroupDirectory => format!("{subvolume}/{volume}"),
        Placement::OwnSubvolume => subvolume.to_owned(),
    };
    Place {
        filesystem: planned.filesystem.clone(),
        path,
    }
}
