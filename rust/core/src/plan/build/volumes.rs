//! One copy of a workload: where its volumes lie, and what its containers need.

use std::collections::BTreeMap;

use crate::analysis::{Facts, VolumeFacts, WorkloadFacts};
use crate::plan::{
    FilesystemPlan, Instance, MountRole, Placement, PlannedContainer, PlannedPod, Subvolume,
    SubvolumeRole, VolumePlan,
};
use crate::rules::{Choices, VolumeChoices};
use crate::units::{HostPath, SubvolumePath, UserName, VolumeName, WorkloadName};

/// The name of a copy: `shop`, `shop@2` … No declared name holds `@`, so the two never meet.
pub(super) fn instance_name(workload: &WorkloadName, copy: u32) -> String {
    if copy <= 1 {
        workload.to_string()
    } else {
        format!("{workload}@{copy}")
    }
}

/// The directory of a volume with a subvolume of its own: `shop+cache`. No declared name holds `+`.
pub(super) fn own_name(instance: &str, volume: &VolumeName) -> String {
    format!("{instance}+{volume}")
}

/// Where `name` lies below the volumes of a filesystem: on the disk, and on the host.
fn below_volumes(filesystem: &FilesystemPlan, name: &str) -> Option<(SubvolumePath, HostPath)> {
    let volumes = filesystem.subvolume_of(MountRole::Volumes)?;
    Some((volumes.join(name), filesystem.mount_point.join(name)))
}

/// The subvolume that will hold a volume of the first copy of a workload, from what is decided so far.
pub(crate) fn target_subvolume(
    facts: &Facts,
    choices: &Choices,
    workload: usize,
    volume: usize,
) -> Option<SubvolumePath> {
    let of = &facts.workloads[workload];
    let (volume, chosen) = (&of.volumes[volume], &choices.volumes[workload][volume]);
    let layout = choices.filesystems[volume.filesystem?].layout.as_ref()?;
    let volumes = layout
        .mounts
        .iter()
        .find(|mount| mount.role == MountRole::Volumes)?;
    let instance = instance_name(of.name, 1);
    Some(volumes.subvolume.join(&match chosen.placement? {
        Placement::OwnSubvolume => own_name(&instance, volume.name),
        Placement::GroupDirectory => instance,
    }))
}

/// Where a volume of the first copy of a workload will be on the host, from what is decided so far.
pub(crate) fn target_directory(
    facts: &Facts,
    choices: &Choices,
    workload: usize,
    volume: usize,
) -> Option<HostPath> {
    let of = &facts.workloads[workload].volumes[volume];
    let subvolume = target_subvolume(facts, choices, workload, volume)?;
    let name = subvolume.components().last()?;
    let directory = facts.filesystems[of.filesystem?].mount_point.join(name);
    match choices.volumes[workload][volume].placement? {
        Placement::OwnSubvolume => Some(directory),
        Placement::GroupDirectory => Some(directory.join(of.name.as_str())),
    }
}

/// Plans one copy, and adds the subvolumes that it needs to its filesystems.
pub(super) fn instance(
    facts: &Facts,
    choices: &Choices,
    index: usize,
    copy: u32,
    filesystems: &mut [FilesystemPlan],
) -> Instance {
    let workload = &facts.workloads[index];
    let name = instance_name(workload.name, copy);
    let mut placed = BTreeMap::new();
    let mut group = Vec::new();
    let mut has_group = false;
    for (volume, chosen) in workload.volumes.iter().zip(&choices.volumes[index]) {
        let Some(filesystem) = volume.filesystem else {
            continue;
        };
        let of = &mut filesystems[filesystem];
        let Some(planned) = place(facts, volume, chosen, &name, of, filesystem) else {
            continue;
        };
        let own = planned.placement == Placement::OwnSubvolume;
        if own || !has_group {
            has_group |= !own;
            of.subvolumes
                .push(subvolume(&planned, workload.declared.user.clone()));
        }
        if workload.policy.is_some() && planned.snapshot && !group.contains(&planned.subvolume) {
            group.push(planned.subvolume.clone());
        }
        placed.insert(volume.name.clone(), planned);
    }
    group.sort();
    Instance {
        containers: containers(workload, copy, &placed, choices.workloads[index].start_wave),
        pod: workload.declared.pod.as_ref().map(|pod| PlannedPod {
            name: pod.replica(copy),
            // Known when the volumes of other workloads are.
            requires_mounts_for: Vec::new(),
        }),
        volumes: placed,
        group,
        // Known when the jobs are.
        protection: None,
        name,
    }
}

fn place(
    facts: &Facts,
    volume: &VolumeFacts,
    chosen: &VolumeChoices,
    instance: &str,
    filesystem: &FilesystemPlan,
    index: usize,
) -> Option<VolumePlan> {
    let placement = chosen.placement?;
    let (subvolume, host_path) = match placement {
        Placement::OwnSubvolume => below_volumes(filesystem, &own_name(instance, volume.name))?,
        Placement::GroupDirectory => {
            let (subvolume, directory) = below_volumes(filesystem, instance)?;
            (subvolume, directory.join(volume.name.as_str()))
        }
    };
    let copy_on_write = chosen.copy_on_write.unwrap_or(true);
    Some(VolumePlan {
        filesystem: facts.filesystems[index].name.clone(),
        host_path,
        subvolume,
        placement,
        class: chosen.class.flatten(),
        engine: chosen.engine.flatten(),
        copy_on_write,
        // The kernel refuses the property on files without copy on write, whoever wishes for both.
        compression: chosen.compression.flatten().filter(|_| copy_on_write),
        snapshot: chosen.snapshot.unwrap_or(true),
        limit_bytes: volume.declared.limit.map(crate::units::ByteSize::bytes),
    })
}

fn subvolume(volume: &VolumePlan, owner: Option<UserName>) -> Subvolume {
    let (role, host_path) = match volume.placement {
        Placement::OwnSubvolume => (SubvolumeRole::Volume, Some(volume.host_path.clone())),
        Placement::GroupDirectory => (SubvolumeRole::Group, volume.host_path.parent()),
    };
    Subvolume {
        path: volume.subvolume.clone(),
        host_path: host_path.unwrap_or_else(|| volume.host_path.clone()),
        role,
        owner,
        mode: "0755".into(),
        limit_bytes: volume.limit_bytes.filter(|_| role == SubvolumeRole::Volume),
    }
}

fn containers(
    workload: &WorkloadFacts,
    copy: u32,
    placed: &BTreeMap<VolumeName, VolumePlan>,
    wave: Option<u32>,
) -> BTreeMap<crate::units::ContainerName, PlannedContainer> {
    let mut planned = BTreeMap::new();
    let earlier = wave
        .and_then(|wave| copy.checked_sub(wave))
        .filter(|copy| *copy > 0);
    for (name, declared) in &workload.declared.containers {
        let mut mounts = BTreeMap::new();
        let mut needed = Vec::new();
        let mut read_only = Vec::new();
        for volume in &workload.volumes {
            let Some(path) = volume.declared.mounts.get(name) else {
                continue;
            };
            mounts.insert(volume.name.clone(), path.clone());
            if volume.declared.read_only_in.contains(name) {
                read_only.push(volume.name.clone());
            }
            needed.extend(
                placed
                    .get(volume.name)
                    .map(|planned| planned.host_path.clone()),
            );
        }
        planned.insert(
            name.replica(copy),
            PlannedContainer {
                image: declared.image.clone(),
                requires_mounts_for: needed,
                starts_after: earlier.map(|copy| name.replica(copy)).into_iter().collect(),
                mounts,
                read_only,
                uses: BTreeMap::new(),
            },
        );
    }
    planned
}
