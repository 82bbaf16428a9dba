//! What a host tells a monitoring system, in Prometheus' text format.
//!
//! The plan gives what is expected (how often, how much reserve), the host what is: rules for alerts then compare
//! series, and one file of rules does for every host. What cannot be found out has no value, is named by
//! `podman_btrfs_unknown`, and is told; it is never 0.

mod apply;
mod devices;
mod drift;
mod drills;
mod scrub;
pub(crate) mod snapshots;
mod space;
mod text;

use std::path::Path;

use podman_btrfs_core::plan::{FilesystemPlan, Plan};
use podman_btrfs_core::units::FilesystemName;

pub use apply::last_apply;
pub use text::{FAMILIES, Family, Kind, Metrics};

use crate::observe::mountinfo::{self, MountInfo, covering};
use crate::system::{Fault, System};

/// What was found.
#[derive(Debug)]
pub struct Collected {
    /// The values.
    pub metrics: Metrics,
    /// What could not be found out, and why, a line each.
    pub unknown: Vec<String>,
}

/// Looks at everything of the plan. Changes nothing.
#[must_use]
pub fn collect(plan: &Plan, system: &dyn System, receipts: &Path) -> Collected {
    let mut collector = Collector::default();
    collector.set(
        "podman_btrfs_collected_timestamp_seconds",
        &[],
        system.now(),
    );
    let found = apply::collect(system, receipts, &mut collector);
    collector.note("", "apply", found);
    drift::collect(plan, system, receipts, &mut collector);
    let found = drills::collect(plan, system, receipts, &mut collector);
    collector.note("", "drills", found);
    let mounts = mountinfo::read(system);
    match &mounts {
        Ok(mounts) => {
            for (name, filesystem) in &plan.filesystems {
                of_filesystem((name, filesystem), mounts, system, &mut collector);
            }
            snapshots::collect(plan, mounts, system, &mut collector);
        }
        Err(fault) => collector.unknown("", "mounts", &fault.to_string()),
    }
    Collected {
        metrics: collector.metrics,
        unknown: collector.unknown,
    }
}

fn of_filesystem(
    (name, filesystem): (&FilesystemName, &FilesystemPlan),
    mounts: &[MountInfo],
    system: &dyn System,
    collector: &mut Collector,
) {
    let name = name.as_str();
    scrub::planned(name, filesystem, collector);
    let place = filesystem.mount_point.as_str();
    if let Err(fault) = must_be_mounted(filesystem, mounts, Path::new(place)) {
        collector.unknown(name, "mount", &fault.to_string());
        return;
    }
    let found = space::collect(name, filesystem, system, collector);
    collector.note(name, "space", found);
    let found = devices::collect(name, place, system, collector);
    collector.note(name, "devices", found);
    let found = scrub::collect(name, place, system, collector);
    collector.note(name, "scrub", found);
}

/// Without its mount a path belongs to another filesystem, and what is seen there is somebody else's.
pub(crate) fn must_be_mounted(
    filesystem: &FilesystemPlan,
    mounts: &[MountInfo],
    path: &Path,
) -> Result<(), Fault> {
    let planned = filesystem
        .mounts
        .iter()
        .filter(|mount| path.starts_with(mount.mount_point.as_str()))
        .max_by_key(|mount| mount.mount_point.as_str().len());
    let is_planned = |found: &&MountInfo| {
        planned.is_none_or(|planned| {
            found.mount_point == planned.mount_point.as_str()
                && found.root == format!("/{}", planned.subvolume)
        })
    };
    match covering(mounts, path).filter(|found| found.kind == "btrfs") {
        Some(found) if is_planned(&found) => Ok(()),
        Some(_) | None => Err(Fault::Unexpected(format!(
            "{} is not mounted as planned",
            path.display()
        ))),
    }
}

/// What is found on the way.
#[derive(Debug, Default)]
struct Collector {
    metrics: Metrics,
    unknown: Vec<String>,
}

impl Collector {
    fn set(&mut self, name: &'static str, labels: &[(&'static str, &str)], value: u64) {
        self.metrics.set(name, labels, value);
    }

    /// `filesystem` is empty for what is the host's.
    fn unknown(&mut self, filesystem: &str, what: &str, why: &str) {
        let labels = [("filesystem", filesystem), ("what", what)];
        self.set("podman_btrfs_unknown", &labels, 1);
        let subject = if filesystem.is_empty() {
            what.to_owned()
        } else {
            format!("{filesystem}: {what}")
        };
        self.unknown.push(format!("{subject}: {why}"));
    }

    fn note(&mut self, filesystem: &str, what: &str, found: Result<(), Fault>) {
        if let Err(fault) = found {
            self.unknown(filesystem, what, &fault.to_string());
        }
    }
}

#[cfg(test)]
mod tests;
