//! What a host holds, as far as it can be found out: plain data, filled by `host::observe` and compared by
//! [`crate::drift`]. Nothing here looks at a machine.

mod as_planned;
mod engine;
mod filesystem;
mod known;
mod place;
mod space;
mod units;
mod work;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use engine::{Account, ConfiguredStore, ObservedEngine, ObservedStore, StoreContents};
pub use filesystem::{
    DeviceErrors, FoundFilesystem, ObservedFilesystem, ObservedMount, ObservedQuota,
    ObservedSubvolume,
};
pub use known::Known;
pub use place::{ObservedMarker, ObservedPlace, PlaceKind};
pub use space::{Chunks, Space};
pub use units::{ObservedUnit, PlannedUnit, UnitState, units};
pub use work::{BegunWork, Task};

use crate::units::FilesystemName;

/// What a host holds of what a plan names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Observed {
    /// Each filesystem of the plan.
    pub filesystems: BTreeMap<FilesystemName, ObservedFilesystem>,
    /// Podman's stores.
    pub engine: ObservedEngine,
    /// The units and timers that keep the plan, by name.
    pub units: Known<BTreeMap<String, ObservedUnit>>,
    /// What was begun and has not ended.
    pub work: Known<Vec<BegunWork>>,
}
