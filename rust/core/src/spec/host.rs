//! The host as declared: what plans depend on and no option of ours decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Platform;
use crate::units::{ByteSize, TimeZoneName, Version};

/// The machine that the plan is for. The NixOS module fills in what the configuration says; whatever is
/// absent is unknown, and a plan then rests on what holds for every supported version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Host {
    /// Its own operating system and architecture. Absent: unknown.
    pub platform: Option<Platform>,
    /// Version of its kernel. Absent: unknown.
    pub kernel: Option<Version>,
    /// Version of Podman. Absent: unknown.
    pub podman: Option<Version>,
    /// Version of btrfs-progs. Absent: unknown.
    pub btrfs_progs: Option<Version>,
    /// Its main memory. Absent: unknown.
    pub memory: Option<ByteSize>,
    /// How many processors it has. Absent: unknown.
    #[schemars(range(min = 1, max = 65_536))]
    pub cpus: Option<u32>,
    /// Its time zone, in which calendars and retention count days. Absent: UTC.
    pub time_zone: Option<TimeZoneName>,
}
