//! Podman's stores as planned.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Driver;
use crate::units::{FilesystemName, HostPath, SubvolumePath, UserName, Version};

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
    /// The system's `containers.conf`, as far as storage is concerned; absent where it says nothing.
    pub containers_conf: Option<ContainersConf>,
    /// What a unit that starts containers of root needs mounted: the graph root, and additional image stores.
    pub requires_mounts_for: Vec<HostPath>,
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
    /// The owner's number, where it is known.
    pub uid: Option<u32>,
}

/// Which files carry `storage.conf`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StorageFiles {
    /// One file that says all, as Podman up to 5 reads it.
    OneFile,
    /// A file without places, and drop-ins for root and for rootless users (Podman 6).
    DropIns,
}

/// What `storage.conf` says. Keys and their types: `containers-storage.conf(5)`; which Podman knows them:
/// [`crate::storage_conf`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of the file that is on or off by itself"
)]
pub struct StorageConf {
    /// The Podman that it is written for; absent: any.
    pub podman: Option<Version>,
    /// Which files carry it.
    pub files: StorageFiles,
    /// `storage.driver`.
    pub driver: Driver,
    /// `storage.graphroot`.
    pub graph_root: HostPath,
    /// `storage.runroot`.
    pub run_root: HostPath,
    /// `storage.imagestore`.
    pub image_store: Option<HostPath>,
    /// `storage.transient_store`.
    pub transient_store: bool,
    /// `storage.rootless_storage_path`, with Podman's own variable `$USER`; from Podman 6 on the `graphroot`
    /// of rootless users whose number is unknown.
    pub rootless_storage_path: Option<String>,
    /// `storage.options.additionalimagestores`.
    pub additional_image_stores: Vec<HostPath>,
    /// `storage.options.overlay.mountopt`.
    pub overlay_mount_options: Option<String>,
    /// `storage.options.overlay.sync`: whether a layer is on the disk before Podman counts on it.
    pub overlay_sync: bool,
    /// `storage.options.pull_options.enable_partial_images`.
    pub enable_partial_images: bool,
    /// `storage.options.pull_options.use_hard_links`.
    pub use_hard_links: bool,
    /// `storage.options.pull_options.convert_images`.
    pub convert_images: bool,
}

/// What `containers.conf` says of storage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainersConf {
    /// `engine.num_locks`.
    pub num_locks: Option<u64>,
    /// `engine.image_copy_tmp_dir`: a directory for everybody, made at boot.
    pub image_copy_tmp_dir: Option<HostPath>,
}
