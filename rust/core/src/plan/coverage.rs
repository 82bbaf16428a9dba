//! What is protected by what: everything that is stored, each under exactly one policy or under none, with the reason.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::{Access, Class, SnapshotTool};
use crate::units::{
    FilesystemName, HostPath, PolicyName, SubvolumePath, TargetName, UserName, VolumeName,
    WorkloadName,
};

/// One thing that is stored, and what protects it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Covered {
    /// What it is.
    pub what: Stored,
    /// What it holds; absent where it is no volume, or where nobody knows.
    pub class: Option<Class>,
    /// How many copies of it there are; all are treated alike, and the first is shown.
    pub copies: u32,
    /// The filesystem that holds it.
    pub filesystem: FilesystemName,
    /// The subvolume that holds it: what a snapshot of it takes.
    pub subvolume: SubvolumePath,
    /// Where it is on the host.
    pub host_path: HostPath,
    /// What protects it.
    pub protection: Cover,
    /// Other workloads that mount it.
    pub used_by: Vec<UsedBy>,
    /// Paths below it that show something else in a container: no snapshot of it holds what is there.
    pub without: Vec<Without>,
}

/// What can be stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    tag = "kind",
    deny_unknown_fields
)]
pub enum Stored {
    /// A volume.
    Volume {
        /// Its workload.
        workload: WorkloadName,
        /// Its name.
        volume: VolumeName,
    },
    /// What the containers of a workload write outside of volumes.
    ContainerLayers {
        /// The workload.
        workload: WorkloadName,
    },
    /// A store of Podman's: images, layers, volumes that nobody declared.
    EngineStore {
        /// The rootless owner; absent: the system's.
        user: Option<UserName>,
    },
    /// A mounted part of the running system.
    System,
}

/// What protects it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    tag = "by",
    deny_unknown_fields
)]
pub enum Cover {
    /// A policy.
    Policy {
        /// Its name.
        policy: PolicyName,
        /// The job that takes the snapshots.
        job: String,
        /// The job's tool.
        tool: SnapshotTool,
        /// Where copies leave the host for; empty: they stay on the filesystem.
        targets: Vec<TargetName>,
    },
    /// Nothing.
    Nothing {
        /// Why.
        reason: String,
    },
}

/// A workload that mounts a volume of another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsedBy {
    /// The workload.
    pub workload: WorkloadName,
    /// What it may do.
    pub access: Access,
}

/// A path below a volume where its containers see another volume.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Without {
    /// The path, relative to the volume.
    pub path: String,
    /// The volume that is there: `workload/volume`.
    pub volume: String,
}
