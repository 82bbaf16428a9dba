//! Volumes of other workloads: known only when all have been placed.

use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::plan::{UsedVolume, WorkloadPlan};
use crate::units::{HostPath, VolumeReference, WorkloadName};

/// Tells each pod what any of its containers needs: its unit comes before theirs.
pub(super) fn gather(planned: &mut BTreeMap<WorkloadName, WorkloadPlan>) {
    let instances = planned.values_mut().flat_map(|plan| &mut plan.instances);
    for instance in instances {
        let Some(pod) = &mut instance.pod else {
            continue;
        };
        let containers = instance.containers.values();
        pod.requires_mounts_for = containers
            .flat_map(|container| container.requires_mounts_for.iter().cloned())
            .collect();
        pod.requires_mounts_for.sort();
        pod.requires_mounts_for.dedup();
    }
}

/// Tells each container where the volumes are that it mounts and another workload owns.
pub(super) fn connect(facts: &Facts, planned: &mut BTreeMap<WorkloadName, WorkloadPlan>) {
    let places: BTreeMap<VolumeReference, HostPath> = facts
        .workloads
        .iter()
        .flat_map(|workload| workload.declared.uses.keys())
        .filter_map(|of| {
            let owner = planned.get(&of.workload)?.instances.first()?;
            let place = owner.volumes.get(&of.volume)?.host_path.clone();
            Some((of.clone(), place))
        })
        .collect();
    for workload in &facts.workloads {
        let Some(plan) = planned.get_mut(workload.name) else {
            continue;
        };
        for (of, used) in &workload.declared.uses {
            let Some(host_path) = places.get(of) else {
                continue;
            };
            for (container, path) in &used.mounts {
                for (copy, instance) in (1..).zip(&mut plan.instances) {
                    let Some(mounting) = instance.containers.get_mut(&container.replica(copy))
                    else {
                        continue;
                    };
                    mounting.requires_mounts_for.push(host_path.clone());
                    let used = UsedVolume {
                        host_path: host_path.clone(),
                        path: path.clone(),
                        read_only: !used.writes(),
                    };
                    mounting.uses.insert(of.clone(), used);
                }
            }
        }
    }
}
