//! What is in a store beside images and volumes: containers, which are not moved, and files, which are.

use std::path::Path;

use super::super::Stop;
use super::super::copy::{self, How};
use super::mover::StoreMover;
use super::podman::Pod;
use super::{StoreJournal, refused};
use crate::system::{Fault, NodeKind, Survey};

/// Podman's databases: of one until version 5, and of later ones.
pub(super) const DATABASES: [&str; 3] = ["libpod/bolt_state.db", "db.sql", "libpod/db.sql"];

/// What each store has for itself, at the top of its graph root. Whatever else is there is copied: volumes, secrets, artifacts,
/// networks of a user, the network's backend, and what a later Podman adds.
pub(super) const OF_ONE_STORE: [&str; 22] = [
    "overlay",
    "overlay-containers",
    "overlay-images",
    "overlay-layers",
    "overlay-locks",
    "btrfs",
    "btrfs-containers",
    "btrfs-images",
    "btrfs-layers",
    "btrfs-locks",
    "vfs",
    "vfs-containers",
    "vfs-images",
    "vfs-layers",
    "vfs-locks",
    "libpod",
    "db.sql*",
    "storage.lock",
    "userns.lock",
    "mounts",
    "tmp",
    "cache",
];

/// The containers of a store, by what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Containers {
    /// Their units make them anew.
    pub(super) made_anew: Vec<String>,
    /// Nobody makes them anew: they stay in the old store.
    pub(super) left: Vec<String>,
    /// Those that run.
    pub(super) running: Vec<String>,
}

impl StoreMover<'_> {
    /// The containers of the old store.
    pub(super) fn sorted_containers(&self, journal: &StoreJournal) -> Result<Containers, Fault> {
        let mut sorted = Containers::default();
        for container in self.containers(journal)? {
            if container.runs() {
                sorted.running.push(container.shown());
            }
            let planned = container.names().any(|name| self.is_planned(name));
            if planned || container.is_removed_at_its_end() {
                sorted.made_anew.push(container.shown());
            } else {
                sorted.left.push(container.shown());
            }
        }
        for Pod { name } in self.pods(journal)? {
            if !self.is_planned(&name) {
                sorted
                    .left
                    .push(format!("the pod `{}`", name.escape_debug()));
            }
        }
        for list in [&mut sorted.made_anew, &mut sorted.left, &mut sorted.running] {
            list.sort();
        }
        Ok(sorted)
    }

    /// A container or pod of root's workloads, by the name that its unit gives it.
    fn is_planned(&self, name: &str) -> bool {
        let name = name.strip_prefix("systemd-").unwrap_or(name);
        let ours = self.plan.workloads.values();
        let mut instances = ours
            .filter(|workload| workload.user.is_none())
            .flat_map(|workload| &workload.instances);
        instances.any(|instance| {
            let pod = instance.pod.as_ref().map(|pod| pod.name.as_str());
            let mut containers = instance.containers.keys();
            pod == Some(name) || containers.any(|container| container.as_str() == name)
        })
    }

    /// Refuses to leave containers behind that nobody said may be.
    pub(super) fn may_leave(&self, left: &[String]) -> Result<(), Stop> {
        if left.is_empty() || self.request.leave_containers {
            return Ok(());
        }
        refused(format!(
            "no unit of the plan makes these anew, and what was written in them would stay in the old store: {}; save what is wanted (`podman \
             export`, `podman commit`) and remove them (`podman rm`), or say `--leave-containers`",
            left.join(", ")
        ))
    }

    /// Copies whatever is no store's own.
    pub(super) fn carry(&self, journal: &StoreJournal, how: How) -> Result<(), Fault> {
        let staging = self.staging(journal);
        copy::copy_without(self.system, self.graph_root(), &staging, how, &OF_ONE_STORE)
    }

    /// The names of it.
    fn carried(&self) -> Result<Vec<String>, Fault> {
        let mut names = self.system.list(self.graph_root())?.unwrap_or_default();
        names.retain(|name| !is_of_one_store(name));
        Ok(names)
    }

    /// What is in it.
    pub(super) fn survey_carried(&self) -> Result<Survey, Stop> {
        let mut all = Survey::default();
        for name in self.carried()? {
            let path = self.graph_root().join(&name);
            if !self.is_directory(&path)? {
                all.files += 1;
                continue;
            }
            let part = self.system.survey(&path)?;
            if let Some(inside) = part.inside.first() {
                return refused(format!(
                    "a subvolume or a mount lies in {}, which a move would leave behind: stop what uses it, or move it out of there",
                    inside.to_string_lossy().escape_debug()
                ));
            }
            all.files += part.files;
            all.directories += part.directories;
            all.bytes = all.bytes.saturating_add(part.bytes);
        }
        Ok(all)
    }

    fn is_directory(&self, path: &Path) -> Result<bool, Fault> {
        let kind = self.system.look(path)?.map(|node| node.kind);
        Ok(matches!(
            kind,
            Some(NodeKind::Directory | NodeKind::Subvolume)
        ))
    }

    /// Refuses a copy of it that is not the same.
    pub(super) fn compare_carried(&self, journal: &StoreJournal) -> Result<(), Stop> {
        let staging = self.staging(journal);
        for name in self.carried()? {
            let (source, copy) = (self.graph_root().join(&name), staging.join(&name));
            let different = if self.is_directory(&source)? {
                self.system.differences(&source, &copy)?
            } else if self.system.read(&source)? == self.system.read(&copy)? {
                Vec::new()
            } else {
                vec!["another content".to_owned()]
            };
            if !different.is_empty() {
                return refused(format!(
                    "the copy of `{}` is not the same: {}",
                    name.escape_debug(),
                    different.join("; ")
                ));
            }
        }
        Ok(())
    }
}

fn is_of_one_store(name: &str) -> bool {
    OF_ONE_STORE
        .iter()
        .any(|known| match known.strip_suffix('*') {
            Some(begin) => name.starts_with(begin),
            None => name == *known,
        })
}

#[cfg(test)]
mod tests {
    use super::is_of_one_store;

    #[test]
    fn data_is_no_stores_own() {
        for name in ["overlay", "btrfs-images", "db.sql", "db.sql-wal", "libpod"] {
            assert!(is_of_one_store(name), "{name}");
        }
        for name in [
            "volumes",
            "secrets",
            "artifacts",
            "defaultNetworkBackend",
            "overlayed",
        ] {
            assert!(!is_of_one_store(name), "{name}");
        }
    }
}
