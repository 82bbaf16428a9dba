//! 7xx: sizes and numbers.

pub mod disk_sizes_that_do_not_match;
pub mod disk_space_without_partner;
pub mod policy_that_fills_filesystem;
pub mod room_kept_free;
pub mod sizes_beyond_capacity;
pub mod sizes_that_are_not_known;

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
