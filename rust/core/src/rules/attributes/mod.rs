//! 4xx: mount options, attributes, properties, quotas.

pub mod alternatives_to_scattered_writes;
pub mod compression_by_class;
pub mod forced_compression_of_a_database;
pub mod limit_without_simple_quotas;
pub mod nodatacow_at_a_price;
pub mod nodatacow_for_unsnapshotted_database;
pub mod one_set_of_options_on_every_mount;
pub mod option_without_effect;
pub mod options_in_conflict;
pub mod options_of_the_first_mount;
pub mod remount_at_switch;
pub mod simple_quota_for_limits;
pub mod unlike_data_in_one_subvolume;
