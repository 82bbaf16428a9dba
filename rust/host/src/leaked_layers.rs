//! Subvolumes of layers of Podman's btrfs driver that no list of the store has: listed with what they hold, and deleted on request.
//!
//! A pull or a start that is killed can leave one, and so does a transient store after a boot. Podman makes a layer, and puts it into its
//! lists, while it holds the store's own lock (containers-storage, `layers.lock`); so while *we* hold that lock and all lists can be read, what no list
//! has is nobody's. Nothing else is taken for a layer: its name is one of a layer, it is a subvolume, and it lies in the store's own directory.
//! Of a user's store nothing is deleted: in a user's directory anything may become a link at any moment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use podman_btrfs_core::plan::{Plan, StorePlan};
use serde::Serialize;

use crate::lock::RecordLock;
use crate::observe::mountinfo::{self, covering};
use crate::observe::{du, store};
use crate::receipt::{Receipt, State, Step};
use crate::system::{Fault, NodeKind, System};

/// The name of the system's store.
pub const SYSTEM: &str = "root";
/// The driver whose layers are subvolumes.
const DRIVER: &str = "btrfs";
/// Where they are below the graph root.
const SUBVOLUMES: &str = "btrfs/subvolumes";
/// The locks of a store, in the order in which Podman takes them.
const LOCKS: [&str; 2] = ["storage.lock", "btrfs-layers/layers.lock"];
/// How often, and how long apart, locks are tried that Podman has.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);
/// How long sizes are measured, in seconds.
const MEASURED: u32 = 60;

/// A subvolume that no list has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leaked {
    /// The name of the layer that it was.
    pub layer: String,
    /// What it holds alone; absent where that was not found out.
    pub exclusive: Option<u64>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Layers that no list has.
    pub leaked: Vec<Leaked>,
    /// What lies where layers lie and is not named as one: it is left alone.
    pub foreign: Vec<String>,
}

/// The locks of a store, held: nobody makes or deletes a layer of it.
#[derive(Debug)]
pub struct Held {
    _locks: Vec<RecordLock>,
}

/// The system's store, where it is reached as planned.
#[derive(Clone, Debug)]
pub struct Store<'p> {
    planned: &'p StorePlan,
    root: PathBuf,
    others: Vec<PathBuf>,
}

impl<'p> Store<'p> {
    /// The system's store of a plan.
    ///
    /// # Errors
    /// Why it is not there, or not where it is planned.
    pub fn of_system(plan: &'p Plan, system: &dyn System) -> Result<Self, Fault> {
        let unexpected = |why: String| Err(Fault::Unexpected(why));
        let Some(planned) = &plan.engine.system else {
            return unexpected("the plan has no store of the system".into());
        };
        let root = Path::new(planned.graph_root.as_str());
        let filesystem = plan.filesystems.get(&planned.filesystem);
        let mount = filesystem.and_then(|filesystem| {
            let mounts = filesystem.mounts.iter();
            let above = mounts.filter(|mount| root.starts_with(mount.mount_point.as_str()));
            above.max_by_key(|mount| mount.mount_point.as_str().len())
        });
        let mounts = mountinfo::read(system)?;
        let found = covering(&mounts, root);
        let is_planned = mount.zip(found).is_some_and(|(mount, found)| {
            found.kind == "btrfs"
                && found.mount_point == mount.mount_point.as_str()
                && found.root == format!("/{}", mount.subvolume)
        });
        if !is_planned {
            return unexpected(format!("{} is not mounted as planned", root.display()));
        }
        let conf = plan.engine.storage_conf.iter();
        let others = conf.flat_map(|conf| conf.image_store.iter().chain([&conf.run_root]));
        Ok(Self {
            planned,
            root: root.to_owned(),
            others: others.map(|path| path.as_str().into()).collect(),
        })
    }

    /// Takes the store's locks, and waits a little for whoever has them.
    ///
    /// # Errors
    /// When somebody has them still, or they are not there.
    pub fn lock(&self, system: &dyn System) -> Result<Held, Fault> {
        for _ in 0..TRIES {
            if let Some(held) = self.lock_now()? {
                return Ok(held);
            }
            system.pause(PAUSE);
        }
        Err(Fault::Unexpected(format!(
            "Podman holds the lock of its store {}: something is pulled, built or started; nothing was done, try again when that has ended",
            self.root.display()
        )))
    }

    /// None of them is kept where one is not free.
    fn lock_now(&self) -> Result<Option<Held>, Fault> {
        let mut locks = Vec::new();
        for name in LOCKS {
            let Some(lock) = RecordLock::take_if_free(&self.root, name)? else {
                return Ok(None);
            };
            locks.push(lock);
        }
        Ok(Some(Held { _locks: locks }))
    }

    /// What no list has.
    ///
    /// # Errors
    /// When the store's lists cannot be read: then nothing is known of any layer.
    pub fn find(&self, _held: &Held, system: &dyn System) -> Result<Found, Fault> {
        let (unlisted, foreign) = self.unlisted(system)?;
        let leaked = unlisted.into_iter().map(|layer| Leaked {
            layer,
            exclusive: None,
        });
        Ok(Found {
            leaked: leaked.collect(),
            foreign,
        })
    }

    /// Measures what was found, which lasts, and needs no lock; what cannot be measured stays unknown.
    pub fn measure(&self, found: &mut Found, system: &dyn System) {
        let paths = found.leaked.iter().map(|leaked| self.path(&leaked.layer));
        let shown: Vec<String> = paths.map(|path| path.display().to_string()).collect();
        let paths: Vec<&str> = shown.iter().map(String::as_str).collect();
        if paths.is_empty() {
            return;
        }
        let measured = du::look(system, &paths, MEASURED).ok().flatten();
        let sizes = measured.into_iter().flatten();
        for (leaked, held) in found.leaked.iter_mut().zip(sizes) {
            leaked.exclusive = Some(held.exclusive);
        }
    }

    /// Whether the store has subvolumes of layers at all.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn has_layers(&self, system: &dyn System) -> Result<bool, Fault> {
        let there = system.list_below(&self.root, SUBVOLUMES)?;
        Ok(there.is_some_and(|there| !there.is_empty()))
    }

    fn path(&self, layer: &str) -> PathBuf {
        self.root.join(SUBVOLUMES).join(layer)
    }

    /// Names of layers that no list has, and names that are none.
    fn unlisted(&self, system: &dyn System) -> Result<(Vec<String>, Vec<String>), Fault> {
        let there = system.list_below(&self.root, SUBVOLUMES)?;
        let there: BTreeSet<String> = there.unwrap_or_default().into_iter().collect();
        let list = "btrfs-layers/layers.json";
        if !there.is_empty() && system.read_below(&self.root, list)?.is_none() {
            let (root, count) = (self.root.display(), there.len());
            return Err(Fault::Unexpected(format!(
                "{root}/{list} is not there, so of {count} layers nobody knows which are wanted; nothing was done"
            )));
        }
        let mut listed: BTreeSet<String> = BTreeSet::new();
        for root in self.others.iter().chain([&self.root]) {
            listed.extend(store::layers(system, root, DRIVER)?);
        }
        let unlisted = there.into_iter().filter(|name| !listed.contains(name));
        Ok(unlisted.partition(|name| is_layer(name)))
    }

    /// Deletes what no list has, each looked at again before.
    ///
    /// # Errors
    /// When the store's lists cannot be read.
    pub fn delete(
        &self,
        held: &Held,
        system: &dyn System,
        dry_run: bool,
        not_used_by: &[String],
    ) -> Result<Receipt, Fault> {
        let mut receipt = Receipt::begun(system, dry_run);
        for leaked in self.find(held, system)?.leaked {
            let state = self
                .delete_one(&leaked.layer, system, dry_run, not_used_by)
                .unwrap_or_else(|fault| State::Failed(fault.to_string()));
            receipt.steps.push(Step {
                filesystem: self.planned.filesystem.clone(),
                action: format!("delete the leaked layer {}", leaked.layer),
                state,
            });
        }
        receipt.finished = Some(system.now());
        Ok(receipt)
    }

    fn delete_one(
        &self,
        layer: &str,
        system: &dyn System,
        dry_run: bool,
        not_used_by: &[String],
    ) -> Result<State, Fault> {
        let path = self.path(layer);
        if system.look(&path)?.map(|node| node.kind) != Some(NodeKind::Subvolume) {
            return Ok(State::Refused("it is no subvolume".into()));
        }
        if let Some(says) = system.marker(&path)? {
            let says = says.escape_debug();
            return Ok(State::Refused(format!(
                "it says of itself that it is `{says}`"
            )));
        }
        if let Some(who) = system.users(&path)?.refusal(layer, not_used_by) {
            return Ok(State::Refused(who));
        }
        if dry_run {
            return Ok(State::Wanted);
        }
        let (unlisted, _) = self.unlisted(system)?;
        if !unlisted.iter().any(|other| other == layer) {
            return Ok(State::Refused("a list of the store has it now".into()));
        }
        system.delete_subvolume(&path)?;
        Ok(State::Done)
    }
}

/// Layers have 64 hexadecimal digits (containers-storage, `stringid`).
fn is_layer(name: &str) -> bool {
    name.len() == 64
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_as_a_layer_is_taken_for_one() {
        let layer = "0123456789abcdef".repeat(4);
        assert!(is_layer(&layer));
        for other in [
            "pictures",
            &layer[1..],
            &layer.to_uppercase(),
            &layer.replace('0', "/"),
        ] {
            assert!(!is_layer(other), "{other}");
        }
    }
}
