//! Snapshots: which tool takes which subvolumes when, and what no snapshot holds.

use std::collections::BTreeMap;

use super::volumes::{instance_name, own_name};
use crate::analysis::{Facts, VolumeFacts, WorkloadFacts};
use crate::density::assumed::BATCH;
use crate::plan::{
    FilesystemPlan, Job, JobSubvolume, JobTarget, MountRole, ProtectionPlan, Spread, Subvolume,
    SubvolumeRole, Taker, Unprotected,
};
use crate::rules::{Choices, VolumeChoices};
use crate::spec::SnapshotTool;
use crate::units::TargetName;

/// Policy and filesystem, by position: one job each.
type Series = BTreeMap<(usize, usize), Vec<JobSubvolume>>;

/// Plans all jobs; for snapper it also adds the subvolumes that keep its snapshots.
pub(super) fn protection(
    facts: &Facts,
    choices: &Choices,
    filesystems: &mut [FilesystemPlan],
) -> ProtectionPlan {
    let mut series = Series::new();
    let mut unprotected = Vec::new();
    for (index, workload) in facts.workloads.iter().enumerate() {
        for (volume, chosen) in workload.volumes.iter().zip(&choices.volumes[index]) {
            if let Some(reason) = why_unprotected(workload, volume, chosen) {
                let (workload, volume) = (workload.name.clone(), volume.name.clone());
                unprotected.push(Unprotected {
                    workload,
                    volume,
                    reason: reason.into(),
                });
            }
        }
        if let (Some(policy), Some(members)) = (workload.policy, &choices.workloads[index].group) {
            for copy in 1..=workload.replicas {
                for member in members {
                    let filesystem = match member {
                        Some(volume) => workload.volumes[*volume].filesystem,
                        None => workload.filesystem,
                    };
                    let Some(filesystem) = filesystem else {
                        continue;
                    };
                    let by = choices.workloads[index].taken_by;
                    let on = &filesystems[filesystem];
                    let Some(taken) = by.and_then(|by| taken(workload, copy, *member, by, on))
                    else {
                        continue;
                    };
                    series.entry((policy, filesystem)).or_default().push(taken);
                }
            }
        }
    }
    let jobs = series
        .into_iter()
        .filter_map(|((policy, filesystem), subvolumes)| {
            job(
                facts,
                choices,
                policy,
                filesystem,
                subvolumes,
                &mut filesystems[filesystem],
            )
        })
        .collect();
    ProtectionPlan { jobs, unprotected }
}

fn why_unprotected(
    workload: &WorkloadFacts,
    volume: &VolumeFacts,
    chosen: &VolumeChoices,
) -> Option<&'static str> {
    match (workload.policy, chosen.snapshot, volume.declared.snapshot) {
        (_, Some(false), Some(false)) => Some("declared so"),
        (_, Some(false), _) => Some("it can be fetched or computed again"),
        (None, _, _) => Some("its workload has no policy"),
        _ => None,
    }
}

fn taken(
    workload: &WorkloadFacts,
    copy: u32,
    member: Option<usize>,
    taken_by: Taker,
    filesystem: &FilesystemPlan,
) -> Option<JobSubvolume> {
    let copy = instance_name(workload.name, copy);
    let name = match member {
        Some(volume) => own_name(&copy, workload.volumes[volume].name),
        None => copy.clone(),
    };
    Some(JobSubvolume {
        path: filesystem.subvolume_of(MountRole::Volumes)?.join(&name),
        host_path: filesystem.mount_point.join(&name),
        name,
        workload: workload.name.clone(),
        copy,
        taken_by,
    })
}

fn job(
    facts: &Facts,
    choices: &Choices,
    policy: usize,
    filesystem: usize,
    mut subvolumes: Vec<JobSubvolume>,
    on: &mut FilesystemPlan,
) -> Option<Job> {
    let chosen = &choices.policies[policy];
    let (tool, keep) = (chosen.tool?, chosen.keep?);
    subvolumes.sort_by(|a, b| a.path.cmp(&b.path));
    if tool == SnapshotTool::Snapper {
        on.subvolumes.extend(subvolumes.iter().map(snapper_place));
    }
    let (policy, filesystem) = (&facts.policies[policy], &facts.filesystems[filesystem]);
    let targets: BTreeMap<TargetName, JobTarget> = policy
        .declared
        .targets
        .iter()
        .filter_map(|name| {
            let target = facts.spec.targets.get(name)?;
            let keep = if target.keep.is_nothing() {
                keep
            } else {
                target.keep
            };
            Some((
                name.clone(),
                JobTarget {
                    url: target.url.clone(),
                    keep,
                    encryption: target.encryption.clone(),
                },
            ))
        })
        .collect();
    Some(Job {
        name: format!("{}-{}", policy.name, filesystem.name),
        tool,
        policy: policy.name.clone(),
        filesystem: filesystem.name.clone(),
        volume_directory: filesystem.mount_point.clone(),
        snapshot_directory: filesystem.mount_point.join(".snapshots"),
        schedule: chosen.schedule.clone()?,
        spread: chosen
            .spread
            .filter(|_| tool == SnapshotTool::Btrbk)
            .map(|seconds| Spread {
                seconds,
                subvolumes: BATCH,
            }),
        keep,
        keep_all_hours: chosen.keep_all_hours?,
        subvolumes,
        targets,
    })
}

/// Snapper keeps the snapshots of a subvolume in `.snapshots` below it and does not make that itself.
fn snapper_place(taken: &JobSubvolume) -> Subvolume {
    Subvolume {
        path: taken.path.join(".snapshots"),
        host_path: taken.host_path.join(".snapshots"),
        role: SubvolumeRole::SnapperSnapshots,
        owner: None,
        mode: "0750".into(),
        limit_bytes: None,
    }
}
