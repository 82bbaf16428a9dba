//! 8xx: the running host.

pub mod balance_when_needed;
pub mod scrub_every_month;
pub mod trim_against_mount_options;
pub mod trim_by_one_means;
pub mod upkeep_on_days_apart;
