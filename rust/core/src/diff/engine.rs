//! Podman's own storage.

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::kind::Kind;
use crate::plan::Subject;

const WITH_PATH: &str = "the store's path is told";

pub(super) const CLAIMS: &[Claim] = &[
    by("engine.system", store),
    by("engine.system.filesystem", store_moved),
    follows("engine.system.subvolume", WITH_PATH),
    by("engine.system.graphRoot", store_moved),
    by("engine.users.*", store),
    by("engine.users.*.filesystem", store_moved),
    follows("engine.users.*.subvolume", WITH_PATH),
    by("engine.users.*.graphRoot", store_moved),
    follows("engine.storageConf", "the system's store is told"),
    by("engine.storageConf.driver", driver),
    follows("engine.storageConf.graphRoot", WITH_PATH),
    by("engine.storageConf.runRoot", run_root),
    follows(
        "engine.storageConf.rootlessStoragePath",
        "the users' stores are told",
    ),
    by("engine.storageConf.overlayMountOptions", overlay_options),
    by("engine.storageConf.enablePartialImages", pulls),
    by("engine.storageConf.useHardLinks", pulls),
    by("engine.storageConf.convertImages", pulls),
    by("engine.storageConf.overlaySync", pulls),
    by("engine.storageConf.additionalImageStores", image_stores),
    by("engine.storageConf.imageStore", image_stores),
    by("engine.storageConf.transientStore", transient),
    follows("engine.storageConf.podman", "what it changes is told"),
    by("engine.storageConf.files", files),
    by("engine.containersConf", containers_conf),
    by("engine.containersConf.imageCopyTmpDir", containers_conf),
    by("engine.containersConf.numLocks", containers_conf),
    follows(
        "engine.requiresMountsFor",
        "additional image stores are told",
    ),
    follows("engine.system.uid", "the system's store has none"),
    by("engine.users.*.uid", files),
];

/// `users.alice.` for a rootless store.
fn field(change: &Change, name: &str) -> String {
    match change.names.first() {
        Some(user) if name.is_empty() => format!("users.{user}"),
        Some(user) => format!("users.{user}.{name}"),
        None => name.to_owned(),
    }
}

fn is_there(value: Option<&serde_json::Value>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

fn store(change: &Change, _: &Sides) -> Vec<Difference> {
    if is_there(change.old.as_ref()) {
        change.told(
            Kind::StoreVanished,
            Subject::Engine,
            &field(change, ""),
            "Podman no longer finds its images and containers; they stay on the disk",
            "`podman system reset` while the store is still declared, where nobody needs it",
        )
    } else {
        change.told(
            Kind::StoreAppeared,
            Subject::Engine,
            &field(change, ""),
            "an empty store is made",
            "",
        )
    }
}

fn store_moved(change: &Change, sides: &Sides) -> Vec<Difference> {
    let is_renamed = change.field() == "filesystem"
        && sides.identity.filesystem(&change.old_text()) == change.new_text();
    if is_renamed {
        return Vec::new();
    }
    change.told(
        Kind::StoreMoved,
        Subject::Engine,
        &field(change, change.field()),
        "Podman begins with an empty store: images are pulled again, and what containers wrote beside their volumes is not found",
        "`podman system reset` before the switch frees the old store; volumes of podman-btrfs are not in it",
    )
}

fn driver(change: &Change, _: &Sides) -> Vec<Difference> {
    let happens = format!(
        "Podman goes on with {}, which its database keeps from its first start, whatever its configuration says now",
        change.old_text()
    );
    change.told(
        Kind::DriverChanged,
        Subject::Engine,
        "driver",
        happens,
        "after the switch, `podman-btrfs migrate-store PLAN` makes a store with the new driver of it; root's containers stop shortly, and users' stores are theirs to empty",
    )
}

fn run_root(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        Subject::Engine,
        "runRoot",
        "Podman loses sight of containers that run during the switch",
        "stop them before it, or let the next boot do it",
    )
}

fn overlay_options(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        Subject::Engine,
        "overlayMountOptions",
        "containers that are started from now on are mounted with these options",
        "",
    )
}

fn pulls(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::PullsChanged,
        Subject::Engine,
        change.field(),
        "images that are pulled from now on differ; those in the store stay as they are",
        "",
    )
}

fn image_stores(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        Subject::Engine,
        change.field(),
        "images of a store that is no longer named are not found, and are pulled again where a container needs them",
        "",
    )
}

fn transient(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        Subject::Engine,
        "transientStore",
        "Podman begins with another database: it knows no container and no named volume of before",
        "bind data by path, which the plan does for its volumes",
    )
}

fn files(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        Subject::Engine,
        &field(change, change.field()),
        "the same settings stand in other files",
        "",
    )
}

fn containers_conf(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        Subject::Engine,
        change.field(),
        "containers.conf changes; a number of locks holds from the next boot",
        "",
    )
}
