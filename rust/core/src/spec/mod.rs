//! The declaration: what a user wants held, and what it is worth. No decision is in it.
//!
//! `null` and absent mean the same everywhere: not said. The types here are the authority for the wire
//! format; the JSON Schema is derived from them, and the options of the NixOS module are held against it.

mod engine;
mod existing;
mod filesystem;
mod host;
pub mod input;
mod policy;
mod upkeep;
mod workload;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use engine::{Driver, Engine, PullOptions, RootlessStore};
pub use existing::{
    BackupMethod, ExistingBackup, ExistingContent, ExistingData, ExistingEngine,
    ExistingFilesystem, ExistingMount, ExistingPrune, ExistingSnapshots, ExistingStore,
    ExistingWorkload, FilesystemType,
};
pub use filesystem::{Encryption, Filesystem, Media, Profile};
pub use host::Host;
pub use policy::{Keep, Policy, RuleOverride, SnapshotTool, Target, TargetEncryption, TargetKeep};
pub use upkeep::{Often, Trim, Upkeep};
pub use workload::{
    Access, Class, Compression, Consistency, Container, DatabaseEngine, Dump, Hook, OnError,
    Platform, Protection, SnapshotOn, Use, Volume, Workload,
};

use crate::units::{FilesystemName, PolicyName, TargetName, WorkloadName};

/// The version of the declaration's format that this helper reads. Absent means this one.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything below `services.podmanBtrfs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Spec {
    /// Version of this format; it is compared before anything else is read. Absent: the newest.
    pub schema_version: Option<u32>,
    /// Part of the NixOS module only; a declaration that is switched off is planned all the same.
    pub enable: Option<bool>,
    /// The machine itself.
    pub host: Host,
    /// The Btrfs filesystems.
    pub filesystems: BTreeMap<FilesystemName, Filesystem>,
    /// Podman's own storage.
    pub engine: Engine,
    /// What runs, and what it stores.
    pub workloads: BTreeMap<WorkloadName, Workload>,
    /// How much may be lost, and what is kept for how long.
    pub policies: BTreeMap<PolicyName, Policy>,
    /// Where copies go that leave the host.
    pub targets: BTreeMap<TargetName, Target>,
    /// Levels of single rules, by code.
    pub rules: BTreeMap<String, RuleOverride>,
    /// Part of the NixOS module only: the committed plan.
    pub plan_file: Option<String>,
}
