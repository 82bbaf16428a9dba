//! The one step in which a copy becomes the volume, its way back, and what the ledger is told of either.

use super::journal::{Before, Journal, Kept, Spot};
use super::{Mover, Stop};
use crate::ledger::{Left, Why};
use crate::system::{Fault, NodeKind};

const DAY: u64 = 24 * 60 * 60;

/// Whether the exchange was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// The source is the volume, and the copy lies beside it.
    Before,
    /// The copy is the volume.
    After,
}

impl Mover<'_> {
    /// Looks which of the two is the volume; where that cannot be told nothing is done.
    pub(super) fn where_the_volume_is(&self, journal: &Journal) -> Result<Whereabouts, Stop> {
        let target = self.target()?;
        if self.carries(&target, &journal.marker)? {
            return Ok(Whereabouts::After);
        }
        let source = self.system.identity(&self.path(&journal.source.spot)?)?;
        let is_there = source.as_ref() == Some(&journal.source.identity);
        let is_staged = self.carries(&self.staging(journal)?, &journal.marker)?;
        let is_free =
            journal.is_in_place() || self.system.look(&target)?.is_none_or(|node| node.is_empty);
        if is_there && is_staged && is_free {
            return Ok(Whereabouts::Before);
        }
        Err(Stop::Refused(format!(
            "it cannot be told whether {} is the volume or the copy {}: somebody moved one of them; find out which one is, move the \
             journal {} away, and begin anew",
            journal.source.spot.shown(),
            journal.staging,
            self.file.display()
        )))
    }

    /// Makes the exchange, and makes it last.
    pub(super) fn exchange(&self, journal: &Journal) -> Result<(), Fault> {
        let (target, staging) = (self.target()?, self.staging(journal)?);
        if self.system.look(&target)?.is_some() {
            self.system.exchange(&target, &staging)?;
        } else {
            self.system.rename(&staging, &target)?;
        }
        // Without this a power cut could undo the exchange, and keep what was written to the new place afterwards.
        self.sync()
    }

    /// The way back.
    pub(super) fn take_exchange_back(&self, journal: &Journal) -> Result<(), Fault> {
        let (target, staging) = (self.target()?, self.staging(journal)?);
        if self.system.look(&staging)?.is_some() {
            self.system.exchange(&target, &staging)?;
        } else {
            self.system.rename(&target, &staging)?;
        }
        self.sync()
    }

    pub(super) fn sync(&self) -> Result<(), Fault> {
        let top = self.top()?.to_string_lossy();
        let arguments = ["filesystem", "sync", "--", &*top];
        self.system.run("btrfs", &arguments).map(drop)
    }

    /// What the exchange leaves beside the volume: the source, which is kept, or an empty place that was made for it.
    pub(super) fn note_exchange(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let staging = self.staging(journal)?;
        if let Some(node) = self
            .system
            .look(&staging)?
            .filter(|_| !journal.is_in_place())
        {
            match node.kind {
                NodeKind::Subvolume if node.is_empty => self.system.delete_subvolume(&staging)?,
                NodeKind::Directory if node.is_empty => self.system.delete_directory(&staging)?,
                NodeKind::Subvolume | NodeKind::Directory | NodeKind::File | NodeKind::Other => {
                    return Err(Stop::Refused(format!(
                        "{} is not empty, and nothing of this move; move it away, and go on",
                        journal.staging
                    )));
                }
            }
        }
        let kept = self.kept(journal);
        if !journal
            .kept
            .iter()
            .any(|other| other.identity == kept.identity)
        {
            journal.kept.push(kept);
        }
        Ok(self.remember_new_place(journal)?)
    }

    fn kept(&self, journal: &Journal) -> Kept {
        let spot = if journal.is_in_place() {
            Spot {
                filesystem: Some(journal.target.filesystem.clone()),
                path: journal.staging.clone(),
            }
        } else {
            journal.source.spot.clone()
        };
        Kept {
            spot,
            identity: journal.source.identity.clone(),
            until: self.system.now() + u64::from(journal.keep_days) * DAY,
        }
    }

    /// What the ledger says of the volume, under the name that it has there.
    pub(super) fn known_before(&self) -> Option<Before> {
        let names = [Some(&self.volume.key), self.volume.former.as_ref()];
        names.into_iter().flatten().find_map(|volume| {
            let entry = self.ledger.volumes.get(volume)?.clone();
            let volume = volume.clone();
            Some(Before { volume, entry })
        })
    }

    /// Tells the ledger where the volume lies now, and that its source was left.
    fn remember_new_place(&mut self, journal: &Journal) -> Result<(), Fault> {
        let now = self.system.now();
        if let Some(before) = &journal.before {
            self.ledger.rename(&before.entry.id, &journal.volume);
        }
        self.ledger.place(
            &journal.volume,
            &journal.marker,
            journal.target.clone(),
            now,
        );
        let kept = journal
            .kept
            .iter()
            .find(|kept| kept.identity == journal.source.identity);
        let of_plan = kept.and_then(|kept| Some((kept, kept.spot.filesystem.clone()?)));
        if let (Some((kept, filesystem)), Some(id)) = (of_plan, &journal.source.marker) {
            self.ledger.declared_again(id, &journal.target);
            self.ledger
                .left
                .retain(|left| left.id != *id || left.why != Why::Migrated);
            self.ledger.left.push(Left {
                volume: journal.volume.clone(),
                id: id.clone(),
                place: crate::ledger::Place {
                    filesystem,
                    path: kept.spot.path.clone(),
                },
                since: now,
                grace_until: kept.until,
                why: Why::Migrated,
                last_snapshot: None,
                retiring: false,
            });
        }
        self.ledger.keep(self.system, &self.request.ledger)
    }

    /// Tells the ledger that the source is the volume again.
    pub(super) fn note_old_place(&mut self, journal: &mut Journal) -> Result<(), Fault> {
        journal
            .kept
            .retain(|kept| kept.identity != journal.source.identity);
        let source = journal.source.marker.as_ref();
        self.ledger
            .left
            .retain(|left| Some(&left.id) != source || left.why != Why::Migrated);
        self.ledger.volumes.remove(&journal.volume);
        if let Some(before) = journal.before.clone() {
            self.ledger.volumes.insert(before.volume, before.entry);
        }
        self.ledger.keep(self.system, &self.request.ledger)
    }
}
