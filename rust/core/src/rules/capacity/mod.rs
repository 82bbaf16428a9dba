//! 7xx: sizes and numbers.

pub mod containers_beyond_memory;
pub mod inotify_for_containers;
pub mod keys_for_rootless_containers;
pub mod locks_for_containers;
pub mod metadata_beyond_capacity;
pub mod more_containers_than_bridge_ports;
pub mod processes_for_containers;
pub mod sizes_beyond_capacity;
pub mod snapshot_runs_spread;
pub mod snapshots_slower_than_their_interval;
pub mod starts_in_waves;
