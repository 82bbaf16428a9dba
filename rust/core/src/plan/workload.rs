//! Workloads and volumes as planned.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GroupPlan;
use crate::spec::{Class, Compression, Consistency, DatabaseEngine};
use crate::units::{
    ContainerName, ContainerPath, FilesystemName, HostPath, ImageReference, SubvolumePath,
    UserName, VolumeName, VolumeReference, WorkloadName,
};

/// A workload: each copy of it with its containers and volumes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkloadPlan {
    /// The rootless owner; absent: root.
    pub user: Option<UserName>,
    /// The name it had before.
    pub renamed_from: Option<WorkloadName>,
    /// What a snapshot of it must show; absent where nothing is snapshotted.
    pub consistency: Option<Consistency>,
    /// How its volumes come to show one moment; absent where nothing is snapshotted.
    pub moment: Option<Moment>,
    /// Its copies, in order; the first has the declared names.
    pub instances: Vec<Instance>,
}

/// How the volumes of a workload come to show one moment in its snapshots.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// One subvolume holds all of it.
    OneSnapshot,
    /// The applications hold still from before the first snapshot until after the last.
    FrozenSet,
    /// They do not: each volume shows a moment of its own.
    EachItsOwn,
}

/// One copy of a workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Instance {
    /// Its name: the workload's, with `@2` and so on for further copies.
    pub name: String,
    /// Its containers, by name.
    pub containers: BTreeMap<ContainerName, PlannedContainer>,
    /// The pod that they share.
    pub pod: Option<PlannedPod>,
    /// Its volumes.
    pub volumes: BTreeMap<VolumeName, VolumePlan>,
    /// The subvolumes that are snapshotted at one moment; more than one cannot be atomic.
    pub group: Vec<SubvolumePath>,
    /// What a snapshot of them needs; absent where nothing is snapshotted.
    pub protection: Option<GroupPlan>,
}

/// A pod and what its unit needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedPod {
    /// Its name.
    pub name: ContainerName,
    /// Host paths that must be mounted before any of its containers starts.
    pub requires_mounts_for: Vec<HostPath>,
}

/// A container and what its unit needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedContainer {
    /// Its image, where known.
    pub image: Option<ImageReference>,
    /// Host paths that must be mounted before it starts.
    pub requires_mounts_for: Vec<HostPath>,
    /// Containers of an earlier copy that it starts after, so that not all copies start at one time.
    pub starts_after: Vec<ContainerName>,
    /// Volume to path in the container.
    pub mounts: BTreeMap<VolumeName, ContainerPath>,
    /// Those of `mounts` that are read-only.
    pub read_only: Vec<VolumeName>,
    /// Volumes of other workloads that it mounts.
    pub uses: BTreeMap<VolumeReference, UsedVolume>,
}

/// A volume of another workload, as a container mounts it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsedVolume {
    /// Where it is on the host.
    pub host_path: HostPath,
    /// Where it is in the container.
    pub path: ContainerPath,
    /// Whether the mount is read-only.
    pub read_only: bool,
}

/// One volume of one copy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VolumePlan {
    /// The filesystem that holds it.
    pub filesystem: FilesystemName,
    /// Where it is on the host: what `--volume` takes as its source.
    pub host_path: HostPath,
    /// The subvolume that it is, or that it is a directory in.
    pub subvolume: SubvolumePath,
    /// Which of the two.
    pub placement: Placement,
    /// What it holds; absent where nobody knows.
    pub class: Option<Class>,
    /// The database engine, where there is one.
    pub engine: Option<DatabaseEngine>,
    /// False: the nodatacow attribute is set (`chattr +C`).
    pub copy_on_write: bool,
    /// The compression property to set; absent: none is set, the mount's option holds.
    pub compression: Option<Compression>,
    /// Whether it is in its workload's snapshots.
    pub snapshot: bool,
    /// The most bytes it may hold.
    pub limit_bytes: Option<u64>,
}

/// A volume of one copy of a workload, with its names.
#[derive(Clone, Copy, Debug)]
pub struct NamedVolume<'p> {
    /// The copy.
    pub instance: &'p Instance,
    /// The volume's name.
    pub name: &'p VolumeName,
    /// The volume.
    pub planned: &'p VolumePlan,
}

impl NamedVolume<'_> {
    /// The copy of a workload and the volume, as `shop/pgdata`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.instance.name, self.name)
    }

    /// The key that it had under the name that its workload had before.
    #[must_use]
    pub fn former_key(&self, name: &WorkloadName, workload: &WorkloadPlan) -> Option<String> {
        let former = workload.renamed_from.as_ref()?;
        let copy = self.instance.name.strip_prefix(name.as_str())?;
        Some(format!("{former}{copy}/{}", self.name))
    }
}

impl VolumePlan {
    /// Its own place below the top level of its filesystem, when this is its name.
    #[must_use]
    pub fn place(&self, name: &VolumeName) -> String {
        match self.placement {
            Placement::GroupDirectory => format!("{}/{name}", self.subvolume),
            Placement::OwnSubvolume => self.subvolume.to_string(),
        }
    }
}

/// How a volume lies in its filesystem.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// A directory in the subvolume of its consistency group.
    GroupDirectory,
    /// A subvolume of its own.
    OwnSubvolume,
}
