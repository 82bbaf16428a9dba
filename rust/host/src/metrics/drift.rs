//! How much is otherwise than planned, by how grave it is and who or what mends it. What could not be found out is among
//! it, as the rule says that tells it.

use std::path::Path;

use podman_btrfs_core::drift::{Remedy, drift};
use podman_btrfs_core::finding::Level;
use podman_btrfs_core::plan::Plan;

use super::Collector;
use crate::observe::{Places, observe};
use crate::system::System;

const LEVELS: [(Level, &str); 3] = [
    (Level::Error, "error"),
    (Level::Warn, "warn"),
    (Level::Note, "note"),
];

/// Each pair has a value, so that one which is gone is seen to be 0.
pub(super) fn collect(
    plan: &Plan,
    system: &dyn System,
    receipts: &Path,
    collector: &mut Collector,
) {
    let found = drift(
        plan,
        &observe(plan, system, &Places::with_receipts(receipts)),
    );
    for (level, name) in LEVELS {
        for remedy in Remedy::ALL {
            let is_it =
                |one: &&podman_btrfs_core::drift::Drift| one.level == level && one.remedy == remedy;
            let count = u64::try_from(found.iter().filter(is_it).count()).unwrap_or(u64::MAX);
            let labels = [("level", name), ("remedy", remedy.name())];
            collector.set("podman_btrfs_drift", &labels, count);
        }
    }
}
