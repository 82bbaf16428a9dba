//! The top levels of the filesystems that a volume's data lies on, mounted for the time of one run.

use std::collections::BTreeSet;
use std::time::Duration;

use podman_btrfs_core::plan::{FilesystemPlan, Plan};
use podman_btrfs_core::units::FilesystemName;

use super::journal::Journal;
use super::{Request, What};
use crate::apply::top_level::{self, TopLevel};
use crate::ledger::{Ledger, PlannedVolume};
use crate::system::{Fault, System};

/// The filesystems of the plan that something of it may lie on.
pub(super) fn filesystems(
    plan: &Plan,
    volume: &PlannedVolume,
    ledger: &Ledger,
    journal: Option<&Journal>,
) -> BTreeSet<FilesystemName> {
    let known = ledger.known(&volume.key, volume.former.as_deref());
    let mut names = BTreeSet::from([volume.place.filesystem.clone()]);
    names.extend(known.map(|(_, place)| place.filesystem.clone()));
    if let Some(journal) = journal {
        let kept = journal.kept.iter().map(|kept| &kept.spot);
        let spots = std::iter::once(&journal.source.spot).chain(kept);
        names.extend(spots.filter_map(|spot| spot.filesystem.clone()));
        names.insert(journal.target.filesystem.clone());
    }
    names.retain(|name| plan.filesystems.contains_key(name));
    names
}

pub(super) type Mounted = Vec<(FilesystemName, TopLevel)>;

pub(super) fn mount(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    names: &BTreeSet<FilesystemName>,
) -> Result<Mounted, Fault> {
    let mut mounted: Mounted = Vec::new();
    let wanted = plan
        .filesystems
        .iter()
        .filter(|(name, _)| names.contains(*name));
    for (name, filesystem) in wanted {
        match mount_one(request, system, name, filesystem) {
            Ok(top) => mounted.push((name.clone(), top)),
            Err(fault) => {
                for (_, top) in mounted {
                    top.unmount(system)?;
                }
                return Err(fault);
            }
        }
    }
    Ok(mounted)
}

fn mount_one(
    request: &Request,
    system: &dyn System,
    name: &FilesystemName,
    filesystem: &FilesystemPlan,
) -> Result<TopLevel, Fault> {
    /// A copier of a run that was killed ends with it, but not at once: as long as it works there, nothing is mounted anew.
    const TRIES: usize = 20;
    const BETWEEN: Duration = Duration::from_millis(500);
    let directory = request.work_directory.join(name.as_str());
    let mut options = filesystem.mount_options.clone();
    options.extend((request.what == What::Estimate).then(|| "ro".to_owned()));
    let mut tried = 1;
    loop {
        match top_level::mount(system, &filesystem.device, &directory, &options) {
            Err(Fault::Program { command, .. })
                if command.starts_with("umount") && tried < TRIES =>
            {
                tried += 1;
                system.pause(BETWEEN);
            }
            result => return result,
        }
    }
}
