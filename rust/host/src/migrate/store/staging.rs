//! The new store before it takes the place of the old one, and who uses either.

use std::path::Path;

use super::super::Stop;
use super::super::copy::{self, How};
use super::super::engine::Work as _;
use super::mover::StoreMover;
use super::{StoreJournal, refused};
use crate::observe::mountinfo;
use crate::system::{Fault, NodeKind};

impl StoreMover<'_> {
    pub(super) fn is_source_there(&self, journal: &StoreJournal) -> Result<(), Stop> {
        let found = self.system.identity(self.graph_root())?;
        if found.as_ref() == Some(&journal.source) {
            return Ok(());
        }
        refused(format!(
            "what lies in {} is not what the move began with; `--abandon` gives the move up",
            self.graph_root().display()
        ))
    }

    /// Those that run by now are stopped too.
    pub(super) fn note_units(&self, journal: &mut StoreJournal) -> Result<(), Fault> {
        let mut all = self.running()?;
        all.retain(|unit| !journal.units.iter().any(|known| known.name == unit.name));
        if all.is_empty() {
            return Ok(());
        }
        journal.units.append(&mut all);
        self.keep(journal)
    }

    /// Makes the place of the new store, or goes on with it.
    pub(super) fn make_staging(&self, journal: &mut StoreJournal) -> Result<(), Stop> {
        let staging = self.staging(journal);
        let found = self.system.identity(&staging)?;
        if found.is_some() && found == journal.staged {
            return Ok(());
        }
        match self.system.look(&staging)? {
            None => self.system.create_directory(&staging)?,
            Some(node) if node.is_empty && node.kind == NodeKind::Directory => {}
            Some(_) => {
                return refused(format!(
                    "{} is there, and was not made by this move; move it away",
                    staging.display()
                ));
            }
        }
        journal.staged = self.system.identity(&staging)?;
        Ok(self.keep(journal)?)
    }

    /// Everything of the store is copied, by Podman and by files, while nothing runs.
    pub(super) fn copy_still(&mut self, journal: &StoreJournal) -> Result<(), Stop> {
        // The database is made anew with each try: what it knows of locks is true only since the last start of the host.
        self.forget_database(journal)?;
        self.copy_images(journal)?;
        self.make_volumes(journal)?;
        Ok(self.carry(journal, How::Still)?)
    }

    fn forget_database(&self, journal: &StoreJournal) -> Result<(), Fault> {
        let staging = self.staging(journal);
        for name in self.system.list(&staging)?.unwrap_or_default() {
            if name.starts_with("db.sql") {
                self.system.remove_file(&staging.join(name))?;
            }
        }
        let libpod = staging.join("libpod");
        match self.system.look(&libpod)? {
            Some(_) => self.system.delete_directory(&libpod),
            None => Ok(()),
        }
    }

    /// What still runs was started by nobody that is known, and nobody would start it again.
    pub(super) fn nothing_runs(&self, journal: &StoreJournal) -> Result<(), Stop> {
        let containers = self.sorted_containers(journal)?;
        if !containers.running.is_empty() {
            return refused(format!(
                "these run, and no unit that is known runs them: {}; stop them, or name their units with `--unit`",
                containers.running.join(", ")
            ));
        }
        self.may_leave(&containers.left)
    }

    /// Podman mounts the directory of a driver onto itself, and leaves that behind.
    pub(super) fn unmount_own(&self, root: &Path) -> Result<(), Fault> {
        for mount in mountinfo::read(self.system)?.iter().rev() {
            let point = Path::new(&mount.mount_point);
            let is_own = point.parent() == Some(root) && mount.kind == "btrfs";
            if is_own {
                self.system.run("umount", &["--", &mount.mount_point])?;
            }
        }
        Ok(())
    }

    /// What is mounted in a store would go with it.
    pub(super) fn nothing_is_mounted(&self, root: &Path) -> Result<(), Stop> {
        let mounts = mountinfo::read(self.system)?;
        let mut points = mounts.iter().map(|mount| &mount.mount_point);
        match points.find(|point| Path::new(point).starts_with(root)) {
            None => Ok(()),
            Some(point) => refused(format!(
                "something is mounted at {}, in the store: unmount it first (`podman image unmount --all`, `podman unmount --all`)",
                point.escape_debug()
            )),
        }
    }

    /// Refuses a store that somebody uses, or may use.
    pub(super) fn is_unused(&self, store: &Path) -> Result<(), Stop> {
        let mut users = self.system.users(store)?;
        // Services that were started later have Podman's mount of it in their namespaces, and look at nothing there.
        let drivers = ["overlay", "btrfs", "vfs"].map(Path::new);
        users
            .mounted
            .retain(|mounted| !drivers.contains(&&*mounted.part));
        let shown = store.to_string_lossy();
        match users.refusal(&shown, &self.request.not_used_by) {
            Some(because) => refused(because),
            None => Ok(()),
        }
    }

    /// A new store that does not fit is deleted: as long as it is there, nothing else fits either.
    pub(super) fn unless_full<T>(
        &self,
        journal: &mut StoreJournal,
        done: Result<T, Stop>,
    ) -> Result<T, Stop> {
        match done {
            Err(Stop::Fault(fault)) if copy::is_full(&fault) => {
                self.discard_staging(journal)?;
                journal.staged = None;
                self.keep(journal)?;
                refused(format!(
                    "the new store does not fit on {}, and was deleted; make room, and begin again ({fault})",
                    self.store.filesystem
                ))
            }
            done => done,
        }
    }

    pub(super) fn sync(&self) -> Result<(), Fault> {
        let above = self.above().to_string_lossy();
        let arguments = ["filesystem", "sync", "--", &*above];
        self.system.run("btrfs", &arguments).map(drop)
    }
}
