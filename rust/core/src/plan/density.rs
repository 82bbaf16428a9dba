//! What the host has to hold, and what it is told so that it can.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Demands and settings of a dense host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DensityPlan {
    /// What there is at steady state, in the order of the kinds.
    pub demands: Vec<Demand>,
    /// Kernel settings (`sysctl.d(5)`), each with a decision that says why.
    pub sysctls: BTreeMap<String, u64>,
    /// `TasksMax` of every user's slice; absent: systemd's own holds.
    pub user_tasks_max: Option<u64>,
}

/// A number of things that must fit below another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Demand {
    /// What is counted.
    pub what: Resource,
    /// Of what: `host`, `root`, `user alice`, `filesystem tank`.
    pub of: String,
    /// How many.
    pub count: u64,
    /// How many there can be, with the settings of this plan; absent: nothing bounds it, or it is not known.
    pub most: Option<u64>,
    /// How it was counted, with what was assumed.
    pub counted: String,
}

/// What a host can run out of.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// Containers.
    Containers,
    /// Podman's locks.
    Locks,
    /// Mounts in the host's namespace.
    Mounts,
    /// Ports of a bridge.
    BridgePorts,
    /// Processes and threads.
    Processes,
    /// Open files.
    OpenFiles,
    /// Inotify instances of one user.
    InotifyInstances,
    /// Keys of one user.
    Keys,
    /// Bytes of memory, at the least.
    Memory,
    /// Subvolumes, snapshots not counted.
    Subvolumes,
    /// Snapshots at steady state.
    Snapshots,
    /// Snapshots taken at one moment.
    SnapshotBatch,
    /// Bytes of metadata, at the least.
    Metadata,
}

impl Resource {
    /// As a person reads it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Containers => "containers",
            Self::Locks => "Podman locks",
            Self::Mounts => "mounts",
            Self::BridgePorts => "bridge ports",
            Self::Processes => "processes and threads",
            Self::OpenFiles => "open files",
            Self::InotifyInstances => "inotify instances",
            Self::Keys => "keys",
            Self::Memory => "memory, at the least",
            Self::Subvolumes => "subvolumes",
            Self::Snapshots => "snapshots",
            Self::SnapshotBatch => "snapshots at one moment",
            Self::Metadata => "metadata, at the least",
        }
    }

    /// True for what is counted in bytes.
    #[must_use]
    pub const fn is_bytes(self) -> bool {
        matches!(self, Self::Memory | Self::Metadata)
    }
}
