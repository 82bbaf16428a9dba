//! What the move of a store takes, and what it leaves behind.

use serde::Serialize;

use super::super::Stop;
use super::super::estimate::{bytes, rate, room, stopped, time};
use super::StoreJournal;
use super::mover::StoreMover;
use crate::system::{Fault, Survey};
use crate::units::{self, Unit};

/// What the move of a store takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreEstimate {
    /// Where the store is.
    pub graph_root: String,
    /// The driver that it has.
    pub from: String,
    /// The driver that it gets.
    pub to: String,
    /// How many images it has.
    pub images: u64,
    /// Bytes of their layers, without compression.
    pub image_bytes: u64,
    /// The names of Podman's own volumes.
    pub volumes: Vec<String>,
    /// What is in them, and in all else that is copied.
    pub carried: Survey,
    /// Containers that their units make anew.
    pub containers_made_anew: Vec<String>,
    /// Containers and pods that nobody makes anew: they stay in the old store.
    pub containers_left: Vec<String>,
    /// Bytes of data that fit on the filesystem now.
    pub room_bytes: u64,
    /// Bytes of it that are to stay free.
    pub reserve_bytes: u64,
    /// The running units that are stopped.
    pub units: Vec<String>,
    /// How long the first copy takes, while everything runs.
    pub seconds: u64,
    /// How long the units are stopped.
    pub stopped_seconds: u64,
    /// What the times rest on.
    pub basis: String,
}

impl StoreEstimate {
    /// In one line.
    #[must_use]
    pub fn shown(&self) -> String {
        let or = |list: &[String], none: &str| {
            if list.is_empty() {
                none.to_owned()
            } else {
                list.join(", ")
            }
        };
        format!(
            "{} from {} to {}: {} images of {}, {} volumes and other files of {}; {} is free, of which {} stays so; copied in about {}, then {} \
             stopped for about {} ({}); made anew by their units: {}; left in the old store: {}",
            self.graph_root,
            self.from,
            self.to,
            self.images,
            bytes(self.image_bytes),
            self.volumes.len(),
            bytes(self.carried.bytes),
            bytes(self.room_bytes),
            bytes(self.reserve_bytes),
            time(self.seconds),
            or(&self.units, "no unit that is running"),
            time(self.stopped_seconds),
            self.basis,
            or(&self.containers_made_anew, "no container"),
            or(&self.containers_left, "no container"),
        )
    }
}

impl StoreMover<'_> {
    /// Looks what the move takes, and refuses one that cannot be made.
    pub(super) fn estimate(&self, journal: &StoreJournal) -> Result<StoreEstimate, Stop> {
        let amount = self.amount(self.graph_root(), journal.from.name())?;
        let carried = self.survey_carried()?;
        let volumes = self.old_volumes(journal)?;
        let containers = self.sorted_containers(journal)?;
        let (room_bytes, reserve_bytes) = self.fits(journal)?;
        let (rate, basis) = rate(self.filesystem.media);
        // Each image is written into an archive, read from it, and written into the store.
        let seconds = amount.bytes / rate * 3 + carried.bytes / rate + amount.images + 1;
        Ok(StoreEstimate {
            graph_root: journal.graph_root.clone(),
            from: journal.from.name().into(),
            to: journal.to.name().into(),
            images: amount.images,
            image_bytes: amount.bytes,
            volumes: volumes.into_iter().map(|volume| volume.name).collect(),
            stopped_seconds: stopped(&carried, rate),
            carried,
            containers_made_anew: containers.made_anew,
            containers_left: containers.left,
            room_bytes,
            reserve_bytes,
            units: self.running()?.iter().map(Unit::shown).collect(),
            seconds,
            basis,
        })
    }

    /// How much fits, and how much of that is to stay free. A store that does not is refused.
    pub(super) fn fits(&self, journal: &StoreJournal) -> Result<(u64, u64), Stop> {
        let whole = self.amount(self.graph_root(), journal.from.name())?.bytes;
        let staging = self.staging(journal);
        let staged = match journal.staged {
            Some(_) => self.amount(&staging, journal.to.name())?.bytes,
            None => 0,
        };
        let images = whole.saturating_sub(staged);
        // No image is larger than all layers together: an archive of it, and its layers on their way.
        let carried = self.survey_carried()?.bytes;
        let needed = images.saturating_mul(3).saturating_add(carried);
        room(
            self.system,
            self.above(),
            self.filesystem.reserve_bytes,
            needed,
        )
    }

    pub(super) fn running(&self) -> Result<Vec<Unit>, Fault> {
        let candidates = units::candidates_of_root(self.plan, &self.request.units);
        units::running(self.system, &candidates, &self.request.units)
    }
}
