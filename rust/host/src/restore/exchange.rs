//! The step in which what was prepared takes its place, and the way back.

use super::journal::{Item, Journal};
use super::restorer::Restorer;
use crate::ledger::Place;
use crate::stop::Stop;
use crate::system::{Fault, NodeKind};

/// Whether an item was exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// What was in use is, and what was prepared lies beside it.
    Before,
    /// What was prepared is in use.
    After,
}

impl Restorer<'_> {
    /// Looks which of the two has the place; where that cannot be told nothing is done.
    pub(super) fn whereabouts(&self, item: &Item) -> Result<Whereabouts, Stop> {
        let place = self.system.identity(&self.place(item)?)?;
        let aside = self.system.identity(&self.aside(item)?)?;
        if item.new.is_some() {
            if place == item.new && aside == item.old {
                return Ok(Whereabouts::After);
            }
            if place == item.old && aside == item.new {
                return Ok(Whereabouts::Before);
            }
        }
        Err(Stop::Refused(format!(
            "what lies in {} and in {} is not what the restore put there: somebody moved one of them, or a power cut took one back; find \
             out which is the one, and move the journal away",
            item.place, item.beside
        )))
    }

    /// Exchanges every item that has not been, one right after the other.
    pub(super) fn exchange(&self, journal: &Journal, from: Whereabouts) -> Result<(), Stop> {
        let mut due = Vec::new();
        for item in &journal.items {
            if self.whereabouts(item)? == from {
                due.push((self.place(item)?, self.aside(item)?, item));
            }
        }
        for (place, aside, item) in due {
            match (&item.old, from) {
                (Some(_), _) => self.system.exchange(&place, &aside)?,
                // Nothing lay there.
                (None, Whereabouts::Before) => self.system.rename(&aside, &place)?,
                (None, Whereabouts::After) => self.system.rename(&place, &aside)?,
            }
        }
        for item in &journal.items {
            self.carry(item)?;
        }
        // Without this a power cut could undo the exchange, and keep what was written to the new place afterwards.
        Ok(self.sync(journal)?)
    }

    /// Brings what belongs to the place and lies in what was replaced to where it belongs.
    pub(super) fn carry(&self, item: &Item) -> Result<(), Fault> {
        let (place, aside) = (self.place(item)?, self.aside(item)?);
        for carried in &item.carried {
            let (from, to) = (aside.join(carried), place.join(carried));
            let is_there = |path| {
                Ok::<_, Fault>(
                    self.system
                        .look(path)?
                        .is_some_and(|node| node.kind == NodeKind::Subvolume),
                )
            };
            if is_there(&from)? && self.system.look(&to)?.is_none() {
                self.system.rename(&from, &to)?;
            }
        }
        Ok(())
    }

    /// Tells the ledger where the volumes lie, as which it may not have known them.
    pub(super) fn remember(&mut self, journal: &Journal) -> Result<(), Fault> {
        let before = self.ledger.clone();
        for item in &journal.items {
            for volume in &item.volumes {
                let Some(id) = &volume.id else {
                    continue;
                };
                let path = if volume.inside.is_empty() {
                    item.place.clone()
                } else {
                    format!("{}/{}", item.place, volume.inside)
                };
                let place = Place {
                    filesystem: item.filesystem.clone(),
                    path,
                };
                self.ledger.rename(id, &volume.key);
                self.ledger
                    .place(&volume.key, id, place.clone(), self.system.now());
                self.ledger.declared_again(id, &place);
            }
        }
        if self.ledger == before {
            return Ok(());
        }
        self.ledger.keep(self.system, &self.request.ledger)
    }
}
