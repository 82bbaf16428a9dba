//! A store of Podman by its files, so that nothing is started and nothing written: `podman info` opens a store, and
//! makes what it lacks.
//!
//! Which files there are: `layers.go`, `images.go` and `containers.go` of containers-storage. A rootless store is its
//! user's: every file is read below its graph root, through no link.

use std::collections::BTreeSet;
use std::path::Path;

use podman_btrfs_core::observed::{ConfiguredStore, Known, ObservedStore, StoreContents};
use podman_btrfs_core::spec::Driver;
use serde::Deserialize;

use crate::system::{Fault, System};

const DRIVERS: [Driver; 3] = [Driver::Overlay, Driver::Btrfs, Driver::Vfs];

/// Anything that a list of the store has.
#[derive(Deserialize)]
struct Entry {
    id: String,
}

/// Looks at the store with this graph root; `others` are graph roots beside it that hold lists of its layers.
pub(super) fn look(system: &dyn System, graph_root: &Path, others: &[&Path]) -> ObservedStore {
    ObservedStore {
        drivers: drivers(system, graph_root).into(),
        contents: contents(system, graph_root).into(),
        leaked_layers: leaked(system, graph_root, others).into(),
    }
}

/// A store that cannot be looked at.
pub(super) fn unknown(why: &str) -> ObservedStore {
    ObservedStore {
        drivers: Known::unknown(why),
        contents: Known::unknown(why),
        leaked_layers: Known::unknown(why),
    }
}

/// The drivers that have layers at a graph root.
pub(crate) fn drivers(system: &dyn System, root: &Path) -> Result<BTreeSet<String>, Fault> {
    let mut found = BTreeSet::new();
    for driver in DRIVERS.map(Driver::name) {
        if !layers(system, root, driver)?.is_empty() {
            found.insert(driver.to_owned());
        }
    }
    Ok(found)
}

fn contents(system: &dyn System, root: &Path) -> Result<Option<StoreContents>, Fault> {
    if system.list_below(root, "")?.is_none() {
        return Ok(None);
    }
    let (mut containers, mut images) = (0, 0);
    for driver in DRIVERS.map(Driver::name) {
        images += entries(system, root, &format!("{driver}-images/images.json"))?.len();
        for file in ["containers.json", "volatile-containers.json"] {
            containers += entries(system, root, &format!("{driver}-containers/{file}"))?.len();
        }
    }
    let volumes = system.list_below(root, "volumes")?.unwrap_or_default();
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Ok(Some(StoreContents {
        containers: number(containers),
        images: number(images),
        volumes: number(volumes.len()),
    }))
}

/// Subvolumes of the btrfs driver first, then the lists: a layer that is made in between is in the lists.
fn leaked(system: &dyn System, root: &Path, others: &[&Path]) -> Result<BTreeSet<String>, Fault> {
    let there = system
        .list_below(root, "btrfs/subvolumes")?
        .unwrap_or_default();
    let mut there: BTreeSet<String> = there.into_iter().collect();
    if there.is_empty() {
        return Ok(there);
    }
    for root in others.iter().copied().chain([root]) {
        for layer in layers(system, root, Driver::Btrfs.name())? {
            there.remove(&layer);
        }
    }
    Ok(there)
}

/// The names of all layers that the lists below a graph root have.
pub(crate) fn layers(system: &dyn System, root: &Path, driver: &str) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for file in ["layers.json", "volatile-layers.json"] {
        found.extend(entries(system, root, &format!("{driver}-layers/{file}"))?);
    }
    Ok(found)
}

/// The names of what a list has; a list that is not there has none.
fn entries(system: &dyn System, root: &Path, file: &str) -> Result<Vec<String>, Fault> {
    let Some(text) = system
        .read_below(root, file)?
        .filter(|text| !text.is_empty())
    else {
        return Ok(Vec::new());
    };
    let entries: Option<Vec<Entry>> = serde_json::from_str(&text).map_err(|error| {
        let (root, line) = (root.display(), error.line());
        Fault::Unexpected(format!(
            "{root}/{file} is not understood from line {line} on"
        ))
    })?;
    let entries = entries.unwrap_or_default().into_iter();
    Ok(entries.map(|entry| entry.id).collect())
}

#[derive(Deserialize)]
struct StorageConf {
    storage: Option<Storage>,
}

#[derive(Deserialize)]
struct Storage {
    driver: Option<String>,
    graphroot: Option<String>,
}

/// What the `storage.conf` below this directory says, and the drop-in for root of this module, where there is one.
pub(crate) fn configured(
    system: &dyn System,
    directory: &Path,
) -> Result<Option<ConfiguredStore>, Fault> {
    const FILES: [&str; 2] = [
        "storage.conf",
        "storage.rootful.conf.d/50-podman-btrfs.conf",
    ];
    let mut found: Option<ConfiguredStore> = None;
    for file in FILES {
        let path = directory.join(file);
        let Some(text) = system.read(&path)? else {
            continue;
        };
        let conf: StorageConf = toml::from_str(&text).map_err(|error| {
            let why = error.message();
            Fault::Unexpected(format!("{} is not understood: {why}", path.display()))
        })?;
        let before = found.unwrap_or(ConfiguredStore {
            driver: None,
            graph_root: None,
        });
        let (driver, graph_root) = conf
            .storage
            .map_or((None, None), |storage| (storage.driver, storage.graphroot));
        found = Some(ConfiguredStore {
            driver: driver.or(before.driver),
            graph_root: graph_root.or(before.graph_root),
        });
    }
    Ok(found)
}
