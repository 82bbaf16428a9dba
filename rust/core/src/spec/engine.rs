//! Podman's own storage as declared.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::existing::ExistingEngine;
use crate::units::{FilesystemName, HostPath, UserName};

/// Podman's stores: the system's, and those of rootless users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Engine {
    /// The filesystem that holds the stores. Absent: the only one.
    pub filesystem: Option<FilesystemName>,
    /// The storage driver. Absent: that of the store that exists, else decided.
    pub driver: Option<Driver>,
    /// Whether images are kept apart from the graph root, in a subvolume of their own. Absent: they are not.
    pub image_store: Option<bool>,
    /// Read-only stores of images that other hosts or builds fill: directories on this host.
    pub additional_image_stores: Vec<HostPath>,
    /// Whether containers and Podman's database are forgotten at every boot. Absent: they are kept.
    pub transient_store: Option<bool>,
    /// How layers are pulled. Absent: decided.
    pub pull_options: Option<PullOptions>,
    /// How many locks Podman has: one for each container, pod and volume. Absent: decided.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub num_locks: Option<u64>,
    /// Users with a rootless store.
    pub users: BTreeMap<UserName, RootlessStore>,
    /// What the host has of it today, and the plan did not make.
    pub existing: ExistingEngine,
}

/// How layers are pulled from a registry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PullOptions {
    /// Whether only those files of a layer are fetched that no other layer has. Absent: decided.
    pub partial_images: Option<bool>,
    /// Whether such a file becomes a hard link in place of a reflink. Absent: it does not.
    pub hard_links: Option<bool>,
    /// Whether images in other forms are converted on pull, so that their files are shared too. Absent: they are not.
    pub convert_images: Option<bool>,
}

/// A rootless store.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RootlessStore {
    /// The user's number, by which Podman 6 finds the file with the user's store. Absent: unknown.
    #[schemars(range(min = 1, max = 4_294_967_294_u32))]
    pub uid: Option<u32>,
}

/// A storage driver of containers-storage.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// Overlay mounts of directories.
    Overlay,
    /// A subvolume for each layer.
    Btrfs,
    /// A full copy for each layer.
    Vfs,
}

impl Driver {
    /// The name that `storage.conf` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Btrfs => "btrfs",
            Self::Vfs => "vfs",
        }
    }
}
