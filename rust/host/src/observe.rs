//! Read-only parsers of what the kernel and tools report.

pub mod kernel_btrfs;
pub mod mountinfo;
pub mod snapshot_names;
pub mod usage;
pub mod uuid;
