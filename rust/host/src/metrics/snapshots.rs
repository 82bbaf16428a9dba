//! How many snapshots of each series there are, and how old the newest is: from the names in the directories that
//! the plan's jobs put them into, each read once, and no program started.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, Job, JobSubvolume, Plan};
use podman_btrfs_core::spec::SnapshotTool;

use super::{Collector, must_be_mounted};
use crate::observe::mountinfo::MountInfo;
use crate::observe::snapshot_names;
use crate::system::{Fault, NodeKind, System};

/// The snapshots of one series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    count: u64,
    pub(crate) newest: Option<u64>,
}

/// When each was taken, and where it is, by series.
type BySeries = BTreeMap<String, Vec<(u64, PathBuf)>>;

pub(super) fn collect(
    plan: &Plan,
    mounts: &[MountInfo],
    system: &dyn System,
    collector: &mut Collector,
) {
    // Several jobs of one filesystem share a directory.
    let mut listed: BTreeMap<&str, Option<BySeries>> = BTreeMap::new();
    for job in &plan.protection.jobs {
        let Some(filesystem) = plan.filesystems.get(&job.filesystem) else {
            continue;
        };
        let directory = job.snapshot_directory.as_str();
        if job.tool == SnapshotTool::Btrbk && !listed.contains_key(directory) {
            let found = btrbk(filesystem, mounts, Path::new(directory), system);
            let what = format!("snapshots in {directory}");
            listed.insert(directory, known(job, &what, found, collector));
        }
        for subvolume in &job.subvolumes {
            let taken = match job.tool {
                SnapshotTool::Btrbk => {
                    let all = listed.get(directory).and_then(Option::as_ref);
                    let of_it =
                        all.map(|all| all.get(&subvolume.name).map_or(&[][..], Vec::as_slice));
                    of_it.and_then(|of_it| {
                        let found = taken(of_it, system);
                        known(
                            job,
                            &format!("snapshots of {}", subvolume.name),
                            found,
                            collector,
                        )
                    })
                }
                SnapshotTool::Snapper => {
                    let found = snapper(filesystem, mounts, subvolume, system);
                    let what = format!("snapshots of {}", subvolume.name);
                    known(job, &what, found, collector)
                }
            };
            tell(job, subvolume, taken, collector);
        }
    }
}

fn known<T>(
    job: &Job,
    what: &str,
    found: Result<T, Fault>,
    collector: &mut Collector,
) -> Option<T> {
    found
        .map_err(|fault| collector.unknown(job.filesystem.as_str(), what, &fault.to_string()))
        .ok()
}

fn tell(job: &Job, subvolume: &JobSubvolume, taken: Option<Taken>, collector: &mut Collector) {
    let labels = [
        ("filesystem", job.filesystem.as_str()),
        ("policy", job.policy.as_str()),
        ("workload", subvolume.workload.as_str()),
        ("series", subvolume.name.as_str()),
    ];
    let interval = "podman_btrfs_snapshot_interval_seconds";
    collector.set(interval, &labels, job.schedule.interval_seconds);
    let Some(taken) = taken else {
        return;
    };
    collector.set("podman_btrfs_snapshots", &labels, taken.count);
    if let Some(when) = taken.newest {
        let newest = "podman_btrfs_snapshot_newest_timestamp_seconds";
        collector.set(newest, &labels, when);
    }
}

/// The snapshots that btrbk took into a directory.
fn btrbk(
    filesystem: &FilesystemPlan,
    mounts: &[MountInfo],
    directory: &Path,
    system: &dyn System,
) -> Result<BySeries, Fault> {
    must_be_mounted(filesystem, mounts, directory)?;
    let names = system.list(directory)?.ok_or_else(|| gone(directory))?;
    let mut all = BySeries::new();
    for name in names {
        if let Some((series, when)) = snapshot_names::btrbk(&name) {
            let path = directory.join(&name);
            all.entry(series.to_owned()).or_default().push((when, path));
        }
    }
    for of_it in all.values_mut() {
        of_it.sort_unstable();
    }
    Ok(all)
}

/// The newest that is a subvolume: a mere directory of such a name holds nothing that could be restored.
fn taken(rising: &[(u64, PathBuf)], system: &dyn System) -> Result<Taken, Fault> {
    let mut newest = None;
    for (when, path) in rising.iter().rev() {
        if is_subvolume(path, system)? {
            newest = Some(*when);
            break;
        }
    }
    Ok(Taken {
        count: u64::try_from(rising.len()).unwrap_or(u64::MAX),
        newest,
    })
}

/// `.snapshots/<number>/info.xml` beside `.snapshots/<number>/snapshot`; numbers only grow.
pub(crate) fn snapper(
    filesystem: &FilesystemPlan,
    mounts: &[MountInfo],
    subvolume: &JobSubvolume,
    system: &dyn System,
) -> Result<Taken, Fault> {
    let directory = Path::new(subvolume.host_path.as_str()).join(".snapshots");
    must_be_mounted(filesystem, mounts, &directory)?;
    let names = system.list(&directory)?.ok_or_else(|| gone(&directory))?;
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(Taken {
        count: u64::try_from(numbers.len()).unwrap_or(u64::MAX),
        newest: newest(&directory, &numbers, system)?,
    })
}

/// The last that has both: one that is being taken or removed at this moment has only one of them.
fn newest(directory: &Path, rising: &[u64], system: &dyn System) -> Result<Option<u64>, Fault> {
    for number in rising.iter().rev() {
        let one = directory.join(number.to_string());
        let info = one.join("info.xml");
        let (true, Some(text)) = (
            is_subvolume(&one.join("snapshot"), system)?,
            system.read(&info)?,
        ) else {
            continue;
        };
        let when = snapshot_names::snapper_date(&text).ok_or_else(|| {
            Fault::Unexpected(format!("{} has no date that is understood", info.display()))
        })?;
        return Ok(Some(when));
    }
    Ok(None)
}

fn gone(path: &Path) -> Fault {
    Fault::Unexpected(format!("{} is not there", path.display()))
}

fn is_subvolume(path: &Path, system: &dyn System) -> Result<bool, Fault> {
    let found = system.look(path)?;
    Ok(found.is_some_and(|node| node.kind == NodeKind::Subvolume))
}
