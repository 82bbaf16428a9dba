//! Podman's stores as planned.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Driver;
use crate::units::{FilesystemName, HostPath, SubvolumePath, UserName};

/// Podman's stores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnginePlan {
    /// The system's store; absent where there is no filesystem.
    pub system: Option<StorePlan>,
    /// Rootless stores.
    pub users: BTreeMap<UserName, StorePlan>,
    /// The system's `storage.conf`.
    pub storage_conf: Option<StorageConf>,
}

/// One store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StorePlan {
    /// The filesystem that holds it.
    pub filesystem: FilesystemName,
    /// The subvolume that holds it.
    pub subvolume: SubvolumePath,
    /// `graphroot`: images, layers, container metadata.
    pub graph_root: HostPath,
}

/// What `/etc/containers/storage.conf` says. Keys and their types: `containers-storage.conf(5)`;
/// the booleans below `storage.options` are strings there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StorageConf {
    /// `storage.driver`.
    pub driver: Driver,
    /// `storage.graphroot`.
    pub graph_root: HostPath,
    /// `storage.runroot`.
    pub run_root: HostPath,
    /// `storage.rootless_storage_path`, with Podman's own variable `$USER`.
    pub rootless_storage_path: Option<String>,
    /// `storage.options.overlay.mountopt`.
    pub overlay_mount_options: Option<String>,
    /// `storage.options.pull_options.enable_partial_images`.
    pub enable_partial_images: bool,
}
