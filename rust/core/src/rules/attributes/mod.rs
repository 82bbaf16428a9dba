//! 4xx: mount options, attributes, properties, quotas.

pub mod alternatives_to_scattered_writes;
pub mod compression_by_class;
pub mod limit_without_simple_quotas;
pub mod nodatacow_at_a_price;
pub mod nodatacow_for_unsnapshotted_database;
pub mod one_set_of_options_on_every_mount;
pub mod simple_quota_for_limits;
