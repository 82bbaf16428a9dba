//! How the parts of a store's move are done.

use super::super::Stop;
use super::super::copy::{self, How};
use super::super::engine::Work;
use super::super::estimate::{bytes, measured, time};
use super::super::exchange::Whereabouts;
use super::super::journal::{Copied, Kept, Spot, Stage};
use super::mover::StoreMover;
use super::{StoreJournal, refused};
use crate::record_file;
use crate::system::{Fault, System};
use crate::units::{self, Unit};

const DAY: u64 = 24 * 60 * 60;

impl Work for StoreMover<'_> {
    type Journal = StoreJournal;
    const WHAT: &'static str = "store";

    fn system(&self) -> &dyn System {
        self.system
    }

    fn tell(&mut self, text: &str) {
        (self.told)(text);
    }

    fn keep(&self, journal: &StoreJournal) -> Result<(), Fault> {
        record_file::keep(journal, self.system, &self.file)
    }

    fn prepare(&mut self, journal: &mut StoreJournal) -> Result<(), Stop> {
        self.is_source_there(journal)?;
        let containers = self.sorted_containers(journal)?;
        self.may_leave(&containers.left)?;
        self.fits(journal)?;
        copy::look_for_programs(self.system)?;
        let holds = self.survey_carried()?;
        let began = self.system.now();
        self.make_staging(journal)?;
        let copied = self.copy_images(journal);
        self.unless_full(journal, copied)?;
        (self.told)(&format!(
            "copying volumes and other files of {} while they are in use",
            bytes(holds.bytes)
        ));
        let carried = self.carry(journal, How::InUse).map_err(Stop::from);
        self.unless_full(journal, carried)?;
        let copied = Copied {
            bytes: holds.bytes,
            seconds: self.system.now().saturating_sub(began),
        };
        journal.copied = Some(copied);
        journal.units = self.running()?;
        let shown: Vec<String> = journal.units.iter().map(Unit::shown).collect();
        if !shown.is_empty() {
            // Of the first copy most was images, which are not copied again.
            let about = if holds.bytes == 0 {
                time(0)
            } else {
                measured(&holds, copied)
            };
            (self.told)(&format!("stopping {} for about {about}", shown.join(", ")));
        }
        Ok(self.enter(journal, Stage::Stopping)?)
    }

    fn stopped(&mut self, journal: &mut StoreJournal) -> Result<(), Stop> {
        self.note_units(journal)?;
        self.is_source_there(journal)?;
        units::stop(self.system, &journal.units)?;
        self.nothing_runs(journal)?;
        self.make_staging(journal)?;
        (self.told)("copying what changed");
        let copied = self.copy_still(journal);
        self.unless_full(journal, copied)?;
        (self.told)("comparing the two stores");
        self.compare_images(journal)?;
        self.compare_volumes(journal)?;
        self.unmount_own(self.graph_root())?;
        self.nothing_is_mounted(self.graph_root())?;
        self.is_unused(self.graph_root())?;
        // Podman's lists were the last that was asked of the old store.
        self.carry(journal, How::Still)?;
        self.compare_carried(journal)?;
        let scratch = self.staging(journal).join("tmp");
        if self.system.look(&scratch)?.is_some() {
            self.system.delete_directory(&scratch)?;
        }
        self.is_unused(self.graph_root())?;
        self.sync()?;
        self.enter(journal, Stage::Exchanging)?;
        (self.told)("exchanging them");
        self.system
            .exchange(self.graph_root(), &self.staging(journal))?;
        // Without this a power cut could undo the exchange, and keep what was written to the new store afterwards.
        self.sync()?;
        self.exchanged_now = true;
        Ok(())
    }

    fn whereabouts(&self, journal: &StoreJournal) -> Result<Whereabouts, Stop> {
        let (root, staging) = (self.graph_root(), self.staging(journal));
        let (place, beside) = (self.system.identity(root)?, self.system.identity(&staging)?);
        let (old, new) = (Some(&journal.source), journal.staged.as_ref());
        match (place.as_ref(), beside.as_ref()) {
            (place, beside) if place == new && beside == old && new.is_some() => {
                Ok(Whereabouts::After)
            }
            (place, beside) if place == old && beside == new => Ok(Whereabouts::Before),
            _ => refused(format!(
                "it cannot be told whether {} is the old store or the new one, which is beside it in {}: somebody moved one of them; find out \
                 which one is, move the journal {} away, and begin anew",
                root.display(),
                staging.display(),
                self.file.display()
            )),
        }
    }

    fn settle(&mut self, journal: &mut StoreJournal) -> Result<(), Stop> {
        let kept = Kept {
            spot: Spot {
                filesystem: None,
                path: self.staging(journal).to_string_lossy().into_owned(),
            },
            identity: journal.source.clone(),
            until: self.system.now() + u64::from(journal.keep_days) * DAY,
        };
        let mut known = journal.kept.iter();
        if !known.any(|other| other.identity == kept.identity) {
            journal.kept.push(kept);
        }
        Ok(())
    }

    fn exchange_back(&self, journal: &StoreJournal) -> Result<(), Fault> {
        self.unmount_own(self.graph_root())?;
        self.system
            .exchange(self.graph_root(), &self.staging(journal))?;
        self.sync()
    }

    fn remember_old_place(&mut self, journal: &mut StoreJournal) -> Result<(), Fault> {
        let source = journal.source.clone();
        journal.kept.retain(|kept| kept.identity != source);
        Ok(())
    }

    fn exchanged_now(&self) -> bool {
        self.exchanged_now
    }
}
