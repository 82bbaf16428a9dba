//! How the space of a filesystem is given out.

use podman_btrfs_core::observed::Chunks;
use podman_btrfs_core::plan::FilesystemPlan;

use super::Collector;
use crate::observe::usage;
use crate::system::{Fault, System};

pub(super) fn collect(
    name: &str,
    filesystem: &FilesystemPlan,
    system: &dyn System,
    collector: &mut Collector,
) -> Result<(), Fault> {
    let usage = usage::look(system, filesystem.mount_point.as_str())?;
    let labels = [("filesystem", name)];
    let reserve = usage.wanted(filesystem.reserve_bytes);
    collector.set("podman_btrfs_size_bytes", &labels, usage.device_size);
    if let Some(missing) = usage.missing {
        collector.set("podman_btrfs_missing_bytes", &labels, missing);
    }
    let unallocated = usage.unallocated.iter().sum();
    collector.set("podman_btrfs_unallocated_bytes", &labels, unallocated);
    collector.set("podman_btrfs_allocatable_bytes", &labels, usage.room());
    collector.set("podman_btrfs_reserve_bytes", &labels, reserve);
    of_type(name, "data", &usage.data, collector);
    of_type(name, "metadata", &usage.metadata, collector);
    Ok(())
}

fn of_type(name: &str, kind: &str, all: &[Chunks], collector: &mut Collector) {
    for chunks in all {
        let profile = chunks.profile.name();
        let labels = [("filesystem", name), ("type", kind), ("profile", profile)];
        collector.set("podman_btrfs_allocated_bytes", &labels, chunks.size);
        collector.set("podman_btrfs_used_bytes", &labels, chunks.used);
    }
}
