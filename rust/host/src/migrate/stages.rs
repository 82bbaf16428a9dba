//! How the parts of a volume's move are done.

use super::copy::{self, How};
use super::engine::{Record, Work};
use super::exchange::Whereabouts;
use super::journal::{Copied, Journal, Stage};
use super::{Mover, Stop, estimate};
use crate::marker::Marker;
use crate::system::{Fault, System};
use crate::units::{self, Unit};

impl Record for Journal {
    fn stage(&self) -> Stage {
        self.stage
    }

    fn set_stage(&mut self, stage: Stage) {
        self.stage = stage;
    }

    fn units(&self) -> &[Unit] {
        &self.units
    }

    fn forget_units(&mut self) {
        self.units.clear();
    }

    fn kept_in(&self) -> String {
        let kept = self.kept.last();
        kept.map(|kept| kept.spot.shown()).unwrap_or_default()
    }
}

impl Work for Mover<'_> {
    type Journal = Journal;
    const WHAT: &'static str = "volume";

    fn system(&self) -> &dyn System {
        self.system
    }

    fn tell(&mut self, text: &str) {
        (self.told)(text);
    }

    fn keep(&self, journal: &Journal) -> Result<(), Fault> {
        journal.keep(self.system, &self.file)
    }

    fn prepare(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        self.is_source_there(journal)?;
        let holds = self.survey(&journal.source.spot)?;
        self.room(&holds, Some(&journal.staging))?;
        copy::look_for_programs(self.system)?;
        self.mark_source(journal)?;
        self.make_staging(journal)?;
        (self.told)(&format!(
            "copying {} while it is in use",
            estimate::bytes(holds.bytes)
        ));
        let began = self.system.now();
        self.copy(journal, How::InUse)?;
        let copied = Copied {
            bytes: holds.bytes,
            seconds: self.system.now().saturating_sub(began),
        };
        journal.copied = Some(copied);
        journal.units = self.running()?;
        let shown: Vec<String> = journal.units.iter().map(units::Unit::shown).collect();
        if !shown.is_empty() {
            let time = estimate::measured(&holds, copied);
            (self.told)(&format!("stopping {} for about {time}", shown.join(", ")));
        }
        Ok(self.enter(journal, Stage::Stopping)?)
    }

    fn stopped(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        self.short_stop(journal)
    }

    fn whereabouts(&self, journal: &Journal) -> Result<Whereabouts, Stop> {
        self.where_the_volume_is(journal)
    }

    fn settle(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        self.note_exchange(journal)
    }

    fn exchange_back(&self, journal: &Journal) -> Result<(), Fault> {
        self.take_exchange_back(journal)
    }

    fn remember_old_place(&mut self, journal: &mut Journal) -> Result<(), Fault> {
        self.note_old_place(journal)
    }

    fn exchanged_now(&self) -> bool {
        self.exchanged_now
    }
}

impl Mover<'_> {
    pub(super) fn is_source_there(&self, journal: &Journal) -> Result<(), Stop> {
        let spot = &journal.source.spot;
        let found = self.system.identity(&self.path(spot)?)?;
        if found.as_ref() == Some(&journal.source.identity) {
            return Ok(());
        }
        Err(Stop::Refused(format!(
            "what lies in {} is not what the move began with; `--abandon` gives the move up",
            spot.shown()
        )))
    }

    /// On our own filesystems what is left is known by its marker.
    fn mark_source(&self, journal: &mut Journal) -> Result<(), Fault> {
        if journal.source.spot.filesystem.is_none() || journal.source.marker.is_some() {
            return Ok(());
        }
        let marker = Marker::born(&journal.volume, self.system)?;
        journal.source.marker = Some(marker.id.clone());
        self.keep(journal)?;
        marker.set(&self.path(&journal.source.spot)?, self.system)
    }
}
