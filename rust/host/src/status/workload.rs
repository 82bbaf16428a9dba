//! The copies of workloads: what their volumes hold, and what their snapshots cost.

use std::collections::BTreeMap;

use podman_btrfs_core::drift::{FilesystemOnHost, Host};
use podman_btrfs_core::observed::Known;
use podman_btrfs_core::plan::{JobSubvolume, NamedVolume};
use podman_btrfs_core::spec::SnapshotTool;
use podman_btrfs_core::units::FilesystemName;

use super::document::{Series, Sizes, VolumeStatus, WorkloadSizes, WorkloadStatus};
use super::filesystem::Looked;
use super::holders::{Holders, Taken, Who, copies, jobs};
use super::sizes::Found;
use super::{Records, map};
use crate::metrics::snapshots;
use crate::observe::mountinfo::{self, MountInfo};
use crate::system::{Fault, System};

type All<'h> = BTreeMap<&'h FilesystemName, Looked<'h>>;

/// All copies of all workloads.
pub(super) fn all(
    host: Host,
    looked: &All,
    records: Records,
    system: &dyn System,
) -> BTreeMap<String, WorkloadStatus> {
    let mut found: BTreeMap<String, WorkloadStatus> = BTreeMap::new();
    for (name, workload) in &host.plan.workloads {
        for instance in &workload.instances {
            let empty = WorkloadStatus {
                workload: name.to_string(),
                sizes: Known::Known(WorkloadSizes::default()),
                series: Vec::new(),
                volumes: BTreeMap::new(),
            };
            found.insert(instance.name.clone(), empty);
        }
    }
    for (_, _, volume) in host.plan.volumes() {
        if let Some(of) = found.get_mut(&volume.instance.name) {
            let status = of_volume(host, looked, volume, records);
            of.volumes.insert(volume.key(), status);
        }
    }
    for (name, of) in &mut found {
        of.sizes = whole(name, of, looked);
    }
    series(host, looked, &mut found, system);
    found
}

fn of_volume(host: Host, looked: &All, volume: NamedVolume, records: Records) -> VolumeStatus {
    let planned = volume.planned;
    let name = &planned.filesystem;
    let place = planned.place(volume.name);
    let key = volume.key();
    let on_it = looked.get(name);
    let observed = host.observed.filesystems.get(name);
    let uuid = observed.and_then(|of| of.found.get()?.as_ref()?.uuid.clone());
    let charged = on_it.map(|on_it| match &on_it.charged {
        Known::Unknown { why } => Known::unknown(why),
        Known::Known(all) => Known::Known(all.as_ref().and_then(|all| all.get(&place).copied())),
    });
    VolumeStatus {
        sizes: match on_it.map(|on_it| &on_it.sizes) {
            None => Known::unknown("its filesystem was not looked at"),
            Some(Known::Unknown { why }) => Known::unknown(why),
            Some(Known::Known(found)) => Known::Known(sizes(found, &Who::Volume(key.clone()))),
        },
        charged_bytes: charged.unwrap_or(Known::Known(None)),
        limit_bytes: planned.limit_bytes,
        growth: uuid.and_then(|uuid| records.history.of_volume(name.as_str(), &uuid, &key)),
        filesystem: name.clone(),
        place,
    }
}

/// `None`: it was not come across.
fn sizes(found: &Found, who: &Who) -> Option<Sizes> {
    let share = found.shares.get(who)?;
    Some(Sizes {
        referenced_bytes: found.referenced.get(who).copied()?,
        stored_bytes: share.stored,
        uncompressed_bytes: share.uncompressed,
        exclusive_bytes: share.exclusive,
    })
}

/// The sum over the filesystems that it has volumes on, between which nothing can be shared.
fn whole(name: &str, of: &WorkloadStatus, looked: &All) -> Known<WorkloadSizes> {
    let mut sum = WorkloadSizes::default();
    let mut on: Vec<&FilesystemName> = of.volumes.values().map(|of| &of.filesystem).collect();
    on.sort_unstable();
    on.dedup();
    for filesystem in on {
        let found = match looked.get(filesystem).map(|looked| &looked.sizes) {
            None => return Known::unknown("its filesystem was not looked at"),
            Some(Known::Unknown { why }) => return Known::unknown(why),
            Some(Known::Known(found)) => found,
        };
        let group = found.groups.get(name).copied().unwrap_or_default();
        sum.stored_bytes += group.share.stored;
        sum.uncompressed_bytes += group.share.uncompressed;
        sum.exclusive_bytes += group.share.exclusive;
        sum.snapshot_bytes += group.snapshots;
    }
    let referenced = of
        .volumes
        .values()
        .filter_map(|of| of.sizes.get()?.as_ref());
    sum.referenced_bytes = referenced.map(|sizes| sizes.referenced_bytes).sum();
    Known::Known(sum)
}

/// The series of snapshots that the plan's jobs take.
fn series(
    host: Host,
    looked: &All,
    found: &mut BTreeMap<String, WorkloadStatus>,
    system: &dyn System,
) {
    let mounts = mountinfo::read(system);
    let copies = copies(host);
    for filesystem in host.filesystems() {
        let holders = looked.get(filesystem.name).map(|looked| &looked.holders);
        for (job, of) in jobs(host, filesystem) {
            let copy = copies.get(of.path.as_str()).copied().unwrap_or(&of.name);
            let (Some(workload), Some(holders)) = (found.get_mut(copy), holders) else {
                continue;
            };
            workload.series.push(Series {
                name: of.name.clone(),
                filesystem: filesystem.name.clone(),
                count: map(holders, |holders| taken(holders, of).count),
                newest: match holders {
                    Known::Unknown { why } => Known::unknown(why),
                    Known::Known(holders) => match job.tool {
                        SnapshotTool::Btrbk => Known::Known(taken(holders, of).newest),
                        SnapshotTool::Snapper => newest(filesystem, of, &mounts, system),
                    },
                },
            });
        }
    }
}

fn taken(holders: &Holders, of: &JobSubvolume) -> Taken {
    holders.series.get(&of.name).copied().unwrap_or_default()
}

/// Names of snapper's snapshots are numbers: each has a file that says when.
fn newest(
    filesystem: FilesystemOnHost,
    of: &JobSubvolume,
    mounts: &Result<Vec<MountInfo>, Fault>,
    system: &dyn System,
) -> Known<Option<u64>> {
    match mounts {
        Err(fault) => Known::unknown(&fault.to_string()),
        Ok(mounts) => {
            let found = snapshots::snapper(filesystem.planned, mounts, of, system);
            found.map(|found| found.newest).into()
        }
    }
}
