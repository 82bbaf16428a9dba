//! Which subvolumes belong to a further copy of a workload, and are not listed one by one.

use std::collections::{BTreeMap, BTreeSet};

use podman_btrfs_core::plan::{Instance, Plan};

/// The further copies' subvolumes, and how many each first copy's subvolume stands for.
pub(super) struct Copies<'a> {
    folded: BTreeSet<(&'a str, &'a str)>,
    stands_for: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'a> Copies<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let mut copies = Self {
            folded: BTreeSet::new(),
            stands_for: BTreeMap::new(),
        };
        for workload in plan.workloads.values() {
            let Some((first, further)) = workload.instances.split_first() else {
                continue;
            };
            for instance in further {
                copies.folded.extend(subvolumes(instance));
            }
            if !further.is_empty() {
                for of_first in subvolumes(first) {
                    copies.stands_for.insert(of_first, further.len());
                }
            }
        }
        copies
    }

    /// True for a subvolume of a further copy, or inside one.
    pub(super) fn is_folded(&self, filesystem: &str, path: &str) -> bool {
        std::iter::successors(Some(path), |path| {
            path.rsplit_once('/').map(|(above, _)| above)
        })
        .any(|path| self.folded.contains(&(filesystem, path)))
    }

    /// How many further subvolumes like this one are not listed.
    pub(super) fn behind(&self, filesystem: &str, path: &str) -> usize {
        self.stands_for
            .get(&(filesystem, path))
            .copied()
            .unwrap_or(0)
    }
}

/// Filesystem and path of each subvolume of a copy.
fn subvolumes(instance: &Instance) -> impl Iterator<Item = (&str, &str)> {
    instance
        .volumes
        .values()
        .map(|volume| (volume.filesystem.as_str(), volume.subvolume.as_str()))
}
