//! The place where a copy is made: beside the planned one, with what is planned for it.

use std::path::Path;

use podman_btrfs_core::plan::{Placement, QuotaMode};
use podman_btrfs_core::spec::Compression;

use super::journal::{Journal, Spot};
use super::{Mover, Stop};
use crate::action::{Action, SetLimit, take};
use crate::apply::create_subvolume;
use crate::marker::Marker;
use crate::receipt::State;
use crate::system::{Fault, NodeKind};

impl Mover<'_> {
    /// Makes it, or goes on with it. Its marker is set last: what carries it is whole.
    pub(super) fn make_staging(&mut self, journal: &Journal) -> Result<(), Stop> {
        self.make_above(journal)?;
        let staging = self.staging(journal)?;
        match self.system.look(&staging)? {
            None => self.make_new(&staging)?,
            Some(_) if self.carries(&staging, &journal.marker)? => return self.limit(&staging),
            Some(node) if node.is_empty && node.kind == self.kind() => {}
            Some(_) => {
                return Err(Stop::Refused(format!(
                    "{} is there, and was not made by this move; move it away",
                    journal.staging
                )));
            }
        }
        let planned = self.volume.planned;
        if !planned.copy_on_write {
            self.system.set_nodatacow(&staging)?;
        }
        if let Some(compression) = planned.compression {
            self.system
                .set_compression(&staging, Compression::name(compression))?;
        }
        self.limit(&staging)?;
        let marker = Marker {
            id: journal.marker.clone(),
            volume: journal.volume.clone(),
        };
        Ok(marker.set(&staging, self.system)?)
    }

    pub(super) fn staging(&self, journal: &Journal) -> Result<std::path::PathBuf, Fault> {
        self.path(&Spot {
            filesystem: Some(journal.target.filesystem.clone()),
            path: journal.staging.clone(),
        })
    }

    fn kind(&self) -> NodeKind {
        match self.volume.planned.placement {
            Placement::OwnSubvolume => NodeKind::Subvolume,
            Placement::GroupDirectory => NodeKind::Directory,
        }
    }

    fn make_new(&self, staging: &Path) -> Result<(), Fault> {
        match self.volume.planned.placement {
            Placement::OwnSubvolume => self.system.create_subvolume(staging),
            Placement::GroupDirectory => self.system.create_directory(staging),
        }
    }

    /// Whether something carries the marker of this identity.
    pub(super) fn carries(&self, path: &Path, id: &str) -> Result<bool, Fault> {
        let is_directory = self
            .system
            .look(path)?
            .is_some_and(|node| matches!(node.kind, NodeKind::Directory | NodeKind::Subvolume));
        Ok(is_directory && Marker::of(path, self.system)?.is_some_and(|marker| marker.id == id))
    }

    /// The subvolumes that the planned place lies in: `apply` does not make them as long as the data lies elsewhere.
    fn make_above(&mut self, journal: &Journal) -> Result<(), Stop> {
        let top = self.top()?.to_owned();
        let inside = Path::new(&journal.target.path);
        for subvolume in &self.filesystem.subvolumes {
            let path = subvolume.path.as_str();
            if path == journal.target.path || !inside.starts_with(path) {
                continue;
            }
            self.act(&create_subvolume(subvolume, &top))?;
        }
        Ok(())
    }

    fn limit(&self, staging: &Path) -> Result<(), Stop> {
        let planned = self.volume.planned;
        let is_enforced = self.filesystem.quota == QuotaMode::Simple;
        let own = planned.placement == Placement::OwnSubvolume;
        let Some(bytes) = planned.limit_bytes.filter(|_| is_enforced && own) else {
            return Ok(());
        };
        self.act(&SetLimit {
            path: staging.to_owned(),
            subvolume: planned.subvolume.clone(),
            bytes,
        })
    }

    fn act(&self, action: &dyn Action) -> Result<(), Stop> {
        match take(action, self.system, false, &mut || {}) {
            State::Already | State::Done | State::Wanted => Ok(()),
            State::Refused(because) => Err(Stop::Refused(format!(
                "cannot {}: {because}",
                action.describe()
            ))),
            State::Failed(because) => Err(Stop::Fault(Fault::Unexpected(format!(
                "cannot {}: {because}",
                action.describe()
            )))),
        }
    }

    /// Deletes the copy, which nobody uses: it carries this move's marker, or is empty and of its name.
    pub(super) fn discard_staging(&self, journal: &Journal) -> Result<(), Fault> {
        let staging = self.staging(journal)?;
        let Some(node) = self.system.look(&staging)? else {
            return Ok(());
        };
        if !node.is_empty && !self.carries(&staging, &journal.marker)? {
            return Err(Fault::Unexpected(format!(
                "{} does not say that it was made by this move, and is left as it is",
                journal.staging
            )));
        }
        match node.kind {
            NodeKind::Subvolume => self.system.delete_subvolume(&staging),
            NodeKind::Directory => self.system.delete_directory(&staging),
            NodeKind::File | NodeKind::Other => Ok(()),
        }
    }
}
