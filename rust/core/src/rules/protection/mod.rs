//! 6xx: snapshots, retention, copies.

pub mod all_snapshots_for_two_intervals;
pub mod gap_at_clock_change;
pub mod policy_that_contradicts_itself;
pub mod retention_as_declared;
pub mod schedule_by_rpo;
pub mod tool_by_targets;
pub mod volume_without_protection;
