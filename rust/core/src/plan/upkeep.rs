//! Regular work on a filesystem, as calendars of systemd; an absent one: it is not done by a timer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When what is done to a filesystem. Each is on days of its own, and none begins when a snapshot does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpkeepPlan {
    /// Everything is read and held against its checksums.
    pub scrub: Option<String>,
    /// The device is told which blocks are free. Absent: never, or by the mount option at once.
    pub trim: Option<String>,
    /// It is looked whether unallocated space runs low; only then chunks of data that are mostly empty are given back.
    pub balance: Option<String>,
}
