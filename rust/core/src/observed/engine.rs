//! Podman's stores, as they are on the host.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Known;

/// Podman's stores and who owns them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedEngine {
    /// What the host's `storage.conf` says; absent: there is none.
    pub configured: Known<Option<ConfiguredStore>>,
    /// The system's store as `root`, and rootless ones by user.
    pub stores: BTreeMap<String, ObservedStore>,
    /// The accounts that own planned places; absent: there is no such account.
    pub accounts: BTreeMap<String, Known<Option<Account>>>,
}

/// What `storage.conf` says of the system's store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfiguredStore {
    /// `storage.driver`.
    pub driver: Option<String>,
    /// `storage.graphroot`.
    pub graph_root: Option<String>,
}

/// One store, as its files show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedStore {
    /// The drivers that have layers at the planned graph root; none: nothing was pulled yet.
    pub drivers: Known<BTreeSet<String>>,
    /// What is in it; absent: there is no store yet.
    pub contents: Known<Option<StoreContents>>,
    /// Subvolumes of layers that the store does not know.
    pub leaked_layers: Known<BTreeSet<String>>,
}

/// What is in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoreContents {
    /// Containers, of all drivers.
    pub containers: u64,
    /// Images, of all drivers.
    pub images: u64,
    /// Podman's own volumes.
    pub volumes: u64,
}

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// Its user.
    pub uid: u32,
    /// Its first group.
    pub gid: u32,
}
