//! What everybody holds: every subvolume's tree is read once, through one directory of the filesystem and without any program.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use podman_btrfs_core::space::{GroupShare, Held, Holder, Share};

use super::holders::{Holders, Who};
use super::owners::Owners;
use crate::system::{Fault, System};

/// What was found on a filesystem.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What each has on the disk; who is not named here was not come across.
    pub(super) shares: BTreeMap<Who, Share>,
    /// What the files of each come to.
    pub(super) referenced: BTreeMap<Who, u64>,
    /// What copies of workloads have with their snapshots.
    pub(super) groups: BTreeMap<String, GroupShare>,
    /// What everybody has.
    pub(super) stored: u64,
    /// How many subvolumes were read.
    pub(super) subvolumes: usize,
}

/// Reads all of it. What cannot be read may hold anything, so then nothing is known.
///
/// # Errors
/// When a tree cannot be read.
pub(super) fn read(holders: &Holders, place: &Path, system: &dyn System) -> Result<Found, Fault> {
    let mut reading = Reading::of(holders);
    for (path, number, who) in holders.subvolumes() {
        let directories = holders.directories(path);
        // One that was deleted meanwhile holds nothing.
        let Some(extents) = system.extents(place, number)? else {
            continue;
        };
        let Some(beside) = reading.number(&who) else {
            continue;
        };
        reading.subvolumes += 1;
        reading.note(beside, 0);
        let mut inside = BTreeMap::new();
        for (name, who) in directories {
            if let (Some(inode), Some(holder)) = (extents.in_root.get(name), reading.number(who)) {
                reading.note(holder, 0);
                inside.insert(*inode, holder);
            }
        }
        let mut owners = Owners::of(&extents.names, &inside, beside);
        for data in &extents.data {
            for holder in owners.of_inode(data.inode) {
                reading.note(*holder, data.length);
                if let Some(extent) = data.extent {
                    reading.held.refer(*holder, extent);
                }
            }
        }
    }
    Ok(reading.found())
}

struct Reading {
    held: Held,
    numbers: BTreeMap<Who, usize>,
    groups: BTreeMap<String, usize>,
    /// What the files of each come to; `None`: nothing of it was come across.
    referenced: Vec<Option<u64>>,
    subvolumes: usize,
}

impl Reading {
    fn of(holders: &Holders) -> Self {
        let everybody = holders.everybody();
        let groups: BTreeSet<String> = everybody.iter().filter_map(Who::group).collect();
        let groups: BTreeMap<String, usize> = groups.into_iter().zip(0..).collect();
        let mut held = Held::default();
        let referenced = vec![None; everybody.len()];
        let number = |who: Who| {
            let holder = Holder {
                group: who.group().and_then(|name| groups.get(&name).copied()),
                is_snapshots: matches!(who, Who::Snapshots(_)),
            };
            (who, held.holder(holder))
        };
        Self {
            numbers: everybody.into_iter().map(number).collect(),
            held,
            groups,
            referenced,
            subvolumes: 0,
        }
    }

    fn number(&self, who: &Who) -> Option<usize> {
        self.numbers.get(who).copied()
    }

    fn note(&mut self, holder: usize, bytes: u64) {
        if let Some(sum) = self.referenced.get_mut(holder) {
            *sum = Some(sum.unwrap_or(0).saturating_add(bytes));
        }
    }

    fn found(self) -> Found {
        let sharing = self.held.sharing();
        let mut found = Found {
            stored: sharing.stored,
            subvolumes: self.subvolumes,
            ..Found::default()
        };
        for (who, number) in self.numbers {
            let share = sharing.holders.get(number);
            let bytes = self.referenced.get(number).copied().flatten();
            if let (Some(share), Some(bytes)) = (share, bytes) {
                found.shares.insert(who.clone(), *share);
                found.referenced.insert(who, bytes);
            }
        }
        for (name, number) in self.groups {
            let group = sharing.groups.get(number).copied();
            found.groups.insert(name, group.unwrap_or_default());
        }
        found
    }
}
