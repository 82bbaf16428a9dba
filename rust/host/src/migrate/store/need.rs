//! Whether a store has another driver than the planned one, and lies where it can be exchanged.

use std::path::Path;

use podman_btrfs_core::spec::Driver;

use super::super::Stop;
use super::mover::StoreMover;
use super::refused;
use crate::observe::{mountinfo, store};
use crate::system::{Fault, Identity, NodeKind};

/// What is to be done about a store.
pub(super) enum Need {
    /// It is to be moved.
    Move(Move),
    /// It has the planned driver.
    AsPlanned,
    /// There is no store.
    NothingThere,
}

/// What is to be moved.
pub(super) struct Move {
    /// The driver that it has.
    pub(super) from: Driver,
    /// Which directory it is.
    pub(super) identity: Identity,
}

impl StoreMover<'_> {
    pub(super) fn need(&self) -> Result<Need, Stop> {
        self.is_in_place()?;
        self.is_configured()?;
        let root = self.graph_root();
        let shown = root.display();
        match self.system.look(root)?.map(|node| node.kind) {
            None => return Ok(Need::NothingThere),
            Some(NodeKind::Directory | NodeKind::Subvolume) => {}
            Some(NodeKind::File | NodeKind::Other) => {
                return refused(format!(
                    "{shown} is no directory; see what made it, and move it away"
                ));
            }
        }
        let found = store::drivers(self.system, root)?;
        if found.is_empty() && !self.has_database()? {
            return Ok(Need::NothingThere);
        }
        let from = self.driver_in_use()?;
        let planned = self.conf.driver;
        if from == planned {
            let others: Vec<&str> = found
                .iter()
                .map(String::as_str)
                .filter(|name| *name != planned.name())
                .collect();
            if others.is_empty() {
                return Ok(Need::AsPlanned);
            }
            return refused(format!(
                "Podman uses the store with {} as planned; layers of {} lie in it from earlier, of which its database knows nothing: \
                 there is nothing to move them by; see `podman-btrfs explain PB843`",
                planned.name(),
                others.join(", ")
            ));
        }
        let unknown = || Fault::Unexpected(format!("{shown} is gone"));
        let identity = self.system.identity(root)?.ok_or_else(unknown)?;
        Ok(Need::Move(Move { from, identity }))
    }

    /// A store that was begun has a database of Podman, which says its driver.
    fn has_database(&self) -> Result<bool, Fault> {
        for name in super::contents::DATABASES {
            if self.system.look(&self.graph_root().join(name))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The one that Podman uses, whatever is configured.
    fn driver_in_use(&self) -> Result<Driver, Stop> {
        const ARGUMENTS: [&str; 3] = [
            "info",
            "--format",
            "{{.Store.GraphDriverName}} {{.Store.GraphRoot}}",
        ];
        let printed = self.system.run("podman", &ARGUMENTS)?.stdout;
        let known = [Driver::Overlay, Driver::Btrfs, Driver::Vfs];
        let line = printed.trim();
        let Some((name, root)) = line.split_once(' ') else {
            return Err(Fault::Unexpected(format!(
                "`podman info` printed `{}`",
                line.escape_debug()
            ))
            .into());
        };
        if Path::new(root) != self.graph_root() {
            return refused(format!(
                "Podman's store is in `{}`, and {} is planned: see what sets it (`storage.conf`, CONTAINERS_STORAGE_CONF)",
                root.escape_debug(),
                self.graph_root().display()
            ));
        }
        match known.into_iter().find(|driver| driver.name() == name) {
            Some(driver) => Ok(driver),
            None => refused(format!(
                "the store has the driver `{}`, which this command does not know",
                name.escape_debug()
            )),
        }
    }

    /// The two stores are exchanged by their names, so both lie in the subvolume that is planned for them, and it is mounted.
    pub(super) fn is_in_place(&self) -> Result<(), Stop> {
        let (root, above) = (self.graph_root(), self.above());
        let mounts = mountinfo::read(self.system)?;
        if mounts
            .iter()
            .any(|mount| Path::new(&mount.mount_point) == root)
        {
            return refused(format!(
                "{} is itself mounted, and a mount cannot be exchanged; mount its subvolume at {}, as planned",
                root.display(),
                above.display()
            ));
        }
        let covering = mountinfo::covering(&mounts, above);
        let planned = format!("/{}", self.store.subvolume);
        let is_planned =
            covering.is_some_and(|mount| mount.kind == "btrfs" && mount.root == planned);
        if !is_planned {
            let found = covering.map_or_else(String::new, |mount| {
                let (root, kind) = (mount.root.escape_debug(), &mount.kind);
                format!(", but `{root}` of a {kind}")
            });
            return refused(format!(
                "what {} lies on is not the subvolume {} of {}{found}; what is mounted is for NixOS and `podman-btrfs apply` to mend",
                above.display(),
                self.store.subvolume,
                self.store.filesystem
            ));
        }
        if covering.is_some_and(|mount| mount.read_only) {
            return refused(format!("{} is read-only", above.display()));
        }
        Ok(())
    }

    /// Podman has to be configured for what it gets.
    fn is_configured(&self) -> Result<(), Stop> {
        if let Some(images) = &self.conf.image_store {
            return refused(format!(
                "the plan keeps images in {images}, apart from the store; this command moves stores that hold their images"
            ));
        }
        if self.conf.transient_store {
            return refused(
                "the plan has a transient store, whose containers and volumes are forgotten at each boot; this command does not move one: \
                 remove what is in it (`podman rm`, `podman rmi`), and reboot",
            );
        }
        let found = store::configured(self.system, &self.request.configuration)?;
        let (driver, root) = found.map_or((None, None), |found| (found.driver, found.graph_root));
        let planned = (self.conf.driver.name(), self.store.graph_root.as_str());
        if driver.as_deref() == Some(planned.0) && root.as_deref() == Some(planned.1) {
            return Ok(());
        }
        refused(format!(
            "`storage.conf` says {} in {}, and {} in {} is planned: switch to the configuration of this plan first, which changes nothing in \
             the store",
            driver.as_deref().unwrap_or("no driver").escape_debug(),
            root.as_deref().unwrap_or("no place").escape_debug(),
            planned.0,
            planned.1
        ))
    }
}
