//! Podman's own storage as declared.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::existing::ExistingEngine;
use crate::units::{FilesystemName, UserName};

/// Podman's stores: the system's, and those of rootless users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Engine {
    /// The filesystem that holds the stores. Absent: the only one.
    pub filesystem: Option<FilesystemName>,
    /// The storage driver. Absent: decided.
    pub driver: Option<Driver>,
    /// Users with a rootless store.
    #[expect(
        clippy::zero_sized_map_values,
        reason = "an attribute set in the declaration, so that users can be given options later"
    )]
    pub users: BTreeMap<UserName, RootlessStore>,
    /// What is done with it today, and not by the plan.
    pub existing: ExistingEngine,
}

/// A rootless store; nothing about it needs saying yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RootlessStore {}

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
