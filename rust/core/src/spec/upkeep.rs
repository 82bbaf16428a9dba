//! What a filesystem needs done to it regularly.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Regular work on a whole filesystem. Absent fields are decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Upkeep {
    /// How often everything is read and held against its checksums. Absent: decided.
    pub scrub: Option<Often>,
    /// How the device hears of blocks that are free again. Absent: decided.
    pub trim: Option<Trim>,
    /// Whether chunks of data that are mostly empty are given back when unallocated space runs low. Absent: decided.
    pub balance: Option<bool>,
}

/// How often.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Often {
    /// Not at all.
    Never,
    /// Each week.
    Weekly,
    /// Each month.
    Monthly,
    /// Each third month.
    Quarterly,
}

/// How the device hears of blocks that are free again: by one means.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Trim {
    /// Not at all.
    Never,
    /// By `fstrim` each week.
    Weekly,
    /// By the kernel soon after they are free: `discard=async`.
    Continuous,
}
