//! Subvolumes and snapshots of a filesystem.

use super::assumed::{MILLISECONDS_A_SNAPSHOT, SNAPSHOT_METADATA, SUBVOLUME_METADATA};
use crate::analysis::Facts;
use crate::plan::Placement;
use crate::rules::{Choices, PolicyChoices};

/// What a filesystem holds once every policy has run for as long as it keeps anything.
#[derive(Clone, Debug, Default)]
pub struct FilesystemLoad {
    /// Subvolumes of its layout and of all copies' volumes.
    pub subvolumes: u64,
    /// Snapshots that are kept.
    pub snapshots: u64,
    /// Snapshots that each policy takes at one moment: position of the policy, and number.
    pub batches: Vec<(usize, u64)>,
}

impl FilesystemLoad {
    /// The least metadata for that: nothing in it is changed, and no file is in it.
    #[must_use]
    pub fn least_metadata(&self) -> u64 {
        self.subvolumes * SUBVOLUME_METADATA + self.snapshots * SNAPSHOT_METADATA
    }

    /// Seconds to take a batch and to clean up what it replaces.
    #[must_use]
    pub fn seconds(batch: u64) -> u64 {
        batch.saturating_mul(MILLISECONDS_A_SNAPSHOT).div_ceil(1000)
    }
}

/// Snapshots of one subvolume that a policy keeps on the host, at most: those of the last hours, and one for each
/// hour, day, week, month and year. Some of them are the same one.
#[must_use]
pub fn kept(policy: &PolicyChoices) -> u64 {
    let every = match (&policy.schedule, policy.keep_all_hours) {
        (Some(schedule), Some(hours)) => {
            (u64::from(hours) * 3600).div_ceil(schedule.interval_seconds.max(1))
        }
        _ => 0,
    };
    let keep = policy.keep.unwrap_or_default();
    let aged = [
        keep.hourly,
        keep.daily,
        keep.weekly,
        keep.monthly,
        keep.yearly,
    ];
    every + aged.into_iter().flatten().map(u64::from).sum::<u64>()
}

pub(super) fn load(facts: &Facts, choices: &Choices, index: usize) -> FilesystemLoad {
    let layout = choices.filesystems[index].layout.as_ref();
    let mut load = FilesystemLoad {
        subvolumes: layout.map_or(0, |layout| layout.mounts.len() as u64),
        batches: (0..facts.policies.len()).map(|p| (p, 0)).collect(),
        ..FilesystemLoad::default()
    };
    for (number, workload) in facts.workloads.iter().enumerate() {
        let copies = u64::from(workload.replicas);
        let here = |placement| {
            let volumes = workload.volumes.iter().zip(&choices.volumes[number]);
            volumes
                .filter(|(volume, chosen)| {
                    volume.filesystem == Some(index) && chosen.placement == Some(placement)
                })
                .count() as u64
        };
        let groups = here(Placement::GroupDirectory).min(1);
        load.subvolumes += copies * (here(Placement::OwnSubvolume) + groups);
        let (Some(policy), Some(group)) = (workload.policy, &choices.workloads[number].group)
        else {
            continue;
        };
        let of = |member: &Option<usize>| match member {
            Some(volume) => workload.volumes[*volume].filesystem,
            None => workload.filesystem,
        };
        let members = group
            .iter()
            .filter(|member| of(member) == Some(index))
            .count() as u64;
        load.batches[policy].1 += copies * members;
        load.snapshots += copies * members * kept(&choices.policies[policy]);
    }
    load.batches.retain(|(_, batch)| *batch > 0);
    load
}
