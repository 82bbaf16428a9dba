//! What is restored, made beside its place while what is in use goes on: nothing of that is touched.

use std::path::Path;

use podman_btrfs_core::plan::{Placement, QuotaMode, VolumePlan};

use super::journal::{Item, ItemVolume, Journal, Made, Stage};
use super::rebuild;
use super::restorer::Restorer;
use crate::action::{Action, SetLimit, take};
use crate::marker::Marker;
use crate::receipt::State;
use crate::stop::Stop;
use crate::system::{Fault, NodeKind, delete_tree};

/// In what is restored, a directory that takes another one's place there.
const ANEW: &str = ".podman-btrfs-anew";

impl Restorer<'_> {
    /// Makes all of it, and makes it last: from then on the journal knows what is whole by which directory it is.
    pub(super) fn prepare(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        for index in 0..journal.items.len() {
            let Some(item) = journal.items.get_mut(index) else {
                continue;
            };
            self.make(item)?;
            let path = self.aside(item)?;
            item.new = self.system.identity(&path)?;
        }
        self.sync(journal)?;
        journal.stage = Stage::Stopping;
        Ok(self.keep(journal)?)
    }

    /// Makes what is restored of one item. Whatever lies there already is what a run that was ended had begun.
    pub(super) fn make(&mut self, item: &mut Item) -> Result<(), Stop> {
        self.discard(item)?;
        let (source, place) = (
            self.top(&item.filesystem)?.join(&item.source),
            self.aside(item)?,
        );
        if self.system.look(&source)?.is_none() {
            return Err(Stop::Refused(format!(
                "the snapshot {} is gone; choose another one",
                item.source
            )));
        }
        if let Some(above) = place.parent() {
            crate::system::create_directories(self.system, above)?;
        }
        let is_own = |volume: &ItemVolume| volume.inside.is_empty();
        match item.volumes.iter().find(|volume| is_own(volume)) {
            Some(volume) if !item.is_subvolume || volume.made != Made::Snapshot => {
                self.make_anew(item, volume, &source, &place)?;
            }
            _ => {
                self.system.create_writable_snapshot(&source, &place)?;
                for volume in item
                    .volumes
                    .iter()
                    .filter(|volume| volume.made != Made::Snapshot)
                {
                    self.make_inside(volume, &source, &place)?;
                }
            }
        }
        // In place of a nested subvolume a snapshot holds an empty directory.
        for carried in &item.carried {
            let stub = place.join(carried);
            let found = self.system.look(&stub)?;
            if found.is_some_and(|node| node.kind == NodeKind::Directory && node.is_empty) {
                self.system.delete_directory(&stub)?;
            }
        }
        self.limit(item, &place)?;
        // It is the snapshot that was taken with a group. Left here, every snapshot that a tool takes of these data would say so too.
        self.system.clear_snapshot_record(&place)?;
        for volume in &mut item.volumes {
            let marker = match &volume.id {
                Some(id) => Marker {
                    id: id.clone(),
                    volume: volume.key.clone(),
                },
                None => Marker::born(&volume.key, self.system)?,
            };
            let path = place
                .join(&volume.inside)
                .components()
                .collect::<std::path::PathBuf>();
            if Marker::of(&path, self.system)?.as_ref() != Some(&marker) {
                marker.set(&path, self.system)?;
            }
            volume.id = Some(marker.id);
        }
        Ok(())
    }

    /// A volume whose own directory or subvolume is made anew.
    fn make_anew(
        &mut self,
        item: &Item,
        volume: &ItemVolume,
        source: &Path,
        place: &Path,
    ) -> Result<(), Stop> {
        let planned = self.planned(&volume.key)?.clone();
        if item.is_subvolume {
            self.system.create_subvolume(place)?;
        } else {
            self.system.create_directory(place)?;
        }
        self.say_made(volume);
        rebuild::set_attributes(self.system, &planned, place)?;
        rebuild::fill(self.system, &planned, (source, place), volume.made)
    }

    /// A volume that is a directory in a group, and does not have there what is planned.
    fn make_inside(
        &mut self,
        volume: &ItemVolume,
        source: &Path,
        place: &Path,
    ) -> Result<(), Stop> {
        let planned = self.planned(&volume.key)?.clone();
        let (anew, inside) = (place.join(ANEW), place.join(&volume.inside));
        self.say_made(volume);
        self.system.create_directory(&anew)?;
        rebuild::set_attributes(self.system, &planned, &anew)?;
        let source = source.join(&volume.inside);
        rebuild::fill(self.system, &planned, (&source, &anew), volume.made)?;
        self.system.exchange(&anew, &inside)?;
        Ok(self.system.delete_directory(&anew)?)
    }

    fn say_made(&mut self, volume: &ItemVolume) {
        (self.told)(&match volume.made {
            Made::Copy => format!(
                "copying {}, since the snapshot does not have the attributes that are planned: the time grows with its size",
                volume.key
            ),
            Made::Snapshot | Made::Reflink => format!(
                "making {} anew from the snapshot, sharing its blocks: the time grows with the number of files and of their extents",
                volume.key
            ),
        });
    }

    pub(super) fn planned(&self, key: &str) -> Result<&VolumePlan, Fault> {
        // Under another name (`--as`) it has what is planned for the volume that it comes from.
        let found = self.volume(key).map(|(_, planned)| planned);
        found.ok_or_else(|| Fault::Unexpected(format!("the plan has no volume {key}")))
    }

    fn limit(&self, item: &Item, place: &Path) -> Result<(), Stop> {
        let filesystem = self.filesystem(&item.filesystem)?;
        let subvolumes = filesystem.subvolumes.iter();
        let mut of_it = subvolumes.filter(|one| one.path.as_str() == item.place);
        let Some(subvolume) = of_it
            .next()
            .filter(|_| filesystem.quota == QuotaMode::Simple)
        else {
            return Ok(());
        };
        let own = item
            .volumes
            .iter()
            .filter_map(|volume| self.volume(&volume.key));
        let mut own = own.filter(|(_, planned)| planned.placement == Placement::OwnSubvolume);
        let of_volume = own.find_map(|(_, planned)| planned.limit_bytes);
        let Some(bytes) = subvolume.limit_bytes.or(of_volume) else {
            return Ok(());
        };
        let action = SetLimit {
            path: place.to_owned(),
            subvolume: subvolume.path.clone(),
            bytes,
        };
        match take(&action, self.system, false, &mut || {}) {
            State::Already | State::Done | State::Wanted => Ok(()),
            State::Refused(because) | State::Failed(because) => Err(Stop::Fault(
                Fault::Unexpected(format!("cannot {}: {because}", action.describe())),
            )),
        }
    }

    /// Deletes what was made beside the place, and never took it.
    pub(super) fn discard(&self, item: &Item) -> Result<(), Fault> {
        let place = self.aside(item)?;
        delete_tree(self.system, &place, &item.beside)
    }

    pub(super) fn sync(&self, journal: &Journal) -> Result<(), Fault> {
        let filesystems = journal.items.iter().map(|item| &item.filesystem);
        for filesystem in filesystems.collect::<std::collections::BTreeSet<_>>() {
            let top = self.top(filesystem)?.to_string_lossy();
            let arguments = ["filesystem", "sync", "--", &*top];
            self.system.run("btrfs", &arguments)?;
        }
        Ok(())
    }
}
