//! 7xx: sizes and numbers.

pub mod containers_beyond_memory;
pub mod disk_sizes_that_do_not_match;
pub mod disk_space_without_partner;
pub mod inotify_for_containers;
pub mod keys_for_rootless_containers;
pub mod locks_for_containers;
pub mod metadata_beyond_capacity;
pub mod more_containers_than_bridge_ports;
pub mod policy_that_fills_filesystem;
pub mod processes_for_containers;
pub mod room_kept_free;
pub mod sizes_beyond_capacity;
pub mod sizes_that_are_not_known;
pub mod snapshot_runs_spread;
pub mod snapshots_slower_than_their_interval;
pub mod starts_in_waves;

use crate::analysis::FilesystemFacts;

/// The option that says how large a filesystem's disks are.
fn disks_at(filesystem: &FilesystemFacts) -> &'static str {
    if filesystem.declared.disk_sizes.is_empty() {
        "capacity"
    } else {
        "diskSizes"
    }
}

/// A number of bytes in whole GiB, rounded down.
fn gibibytes(bytes: u128) -> String {
    format!("{} GiB", bytes >> 30)
}
