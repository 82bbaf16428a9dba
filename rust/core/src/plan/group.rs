//! A copy of a workload as one group: what its snapshots show, who takes them, and who holds still for them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Taker;
use crate::spec::{Consistency, DatabaseEngine, OnError};
use crate::units::{
    ContainerName, ContainerPath, FilesystemName, HostPath, SubvolumePath, UserName, VolumeName,
    WorkloadName,
};

/// What a group snapshot of one copy needs to be taken: the helper derives none of it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupPlan {
    /// What its snapshots must show.
    pub consistency: Consistency,
    /// Who takes those of the schedule.
    pub taken_by: Taker,
    /// The run that takes them ([`super::Job::runs`]), where we do: of the workload's own filesystem where it has a
    /// member there. Runs of other filesystems prune and send what it takes of the group there.
    pub run: Option<String>,
    /// The subvolumes, in the order of their paths: all of them, or none.
    pub members: Vec<GroupMember>,
    /// Who holds still, in the order in which they are frozen; they are thawed in the reverse one. Those of a known
    /// engine come last: what asks them for data stops asking first.
    pub containers: Vec<GroupContainer>,
    /// What is dumped into one of its volumes before each snapshot, in the order of the containers' names.
    pub dumps: Vec<GroupDump>,
    /// The longest that containers may stand still, in seconds.
    pub freeze_budget_seconds: u64,
    /// When else a snapshot of it is taken.
    pub snapshot_on: GroupOccasions,
}

/// One subvolume of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupMember {
    /// The filesystem.
    pub filesystem: FilesystemName,
    /// Path below the top level.
    pub path: SubvolumePath,
    /// Path on the host.
    pub host_path: HostPath,
    /// Name of the snapshots' series.
    pub series: String,
    /// Where the snapshots are put.
    pub snapshot_directory: HostPath,
}

/// A container that a group snapshot has to do with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupContainer {
    /// Its name.
    pub name: ContainerName,
    /// The workload that it is of, which may use a volume of this one.
    pub workload: WorkloadName,
    /// The rootless owner; absent: root.
    pub user: Option<UserName>,
    /// Whether it writes to what is snapshotted, and so stands still meanwhile.
    pub writes: bool,
    /// The database engine in it, where one is known and no declared hook takes its place.
    pub engine: Option<GroupEngine>,
    /// The declared commands.
    pub hook: Option<GroupHook>,
}

/// A database engine and its data, as its container sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupEngine {
    /// The engine.
    pub name: DatabaseEngine,
    /// The volume that holds its data.
    pub volume: VolumeName,
    /// Where that is in the container.
    pub path: ContainerPath,
}

/// Commands of a container around a group snapshot, with what else is said of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupHook {
    /// Run before the container stands still; empty: nothing is.
    pub freeze: Vec<String>,
    /// Run after it goes on, whatever happened; empty: nothing is.
    pub thaw: Vec<String>,
    /// How long each of them may take, in seconds.
    pub timeout_seconds: u64,
    /// What its failure means.
    pub on_error: OnError,
}

/// A dump of a database, made before a group snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupDump {
    /// The container that its tool runs in.
    pub container: ContainerName,
    /// The rootless owner; absent: root.
    pub user: Option<UserName>,
    /// The engine.
    pub engine: DatabaseEngine,
    /// The volume that keeps it.
    pub volume: VolumeName,
    /// Where that is on the host.
    pub directory: HostPath,
    /// How long it may take, in seconds.
    pub timeout_seconds: u64,
    /// What its failure means.
    pub on_error: OnError,
}

/// Occasions besides the schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupOccasions {
    /// After the last of its containers has stopped.
    pub stop: bool,
    /// Before one of its images is replaced.
    pub image_update: bool,
    /// Before a new configuration is activated.
    pub activation: bool,
}
