//! 6xx: snapshots, retention, copies.

pub mod all_snapshots_for_two_intervals;
pub mod copy_only_while_active;
pub mod database_without_snapshot_and_dump;
pub mod dump_that_cannot_be_made;
pub mod encrypted_copies_are_whole;
pub mod encrypted_copies_each_hour;
pub mod gap_at_clock_change;
pub mod mounted_data_without_snapshots;
pub mod policy_that_contradicts_itself;
pub mod retention_as_declared;
pub mod schedule_by_rpo;
pub mod snapshot_in_place_of_downtime;
pub mod snapshots_beside_their_data;
pub mod snapshots_inside_their_subvolume;
pub mod snapshots_of_what_can_be_built_again;
pub mod taker_by_consistency;
pub mod tool_by_targets;
pub mod volume_without_protection;
