//! The filesystems that a volume's data lies on.

use std::collections::BTreeSet;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::FilesystemName;

use super::journal::Journal;
use crate::ledger::{Ledger, PlannedVolume};

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
