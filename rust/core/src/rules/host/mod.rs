//! 8xx: the running host. From 820 on: what it has otherwise than planned.

pub mod another_mount_in_place;
pub mod balance_when_needed;
pub mod compression_property_differs;
pub mod device_errors;
pub mod device_missing;
pub mod directory_in_place_of_a_subvolume;
pub mod filesystem_not_found;
pub mod host_value_unknown;
pub mod leaked_layers;
pub mod limit_differs;
pub mod marker_missing;
pub mod marker_of_another_volume;
pub mod metadata_nearly_full;
pub mod mount_missing;
pub mod mount_options_differ;
pub mod nodatacow_differs;
pub mod owner_or_mode_differs;
pub mod place_missing;
pub mod profile_differs;
pub mod quota_mode_differs;
pub mod read_only_against_the_plan;
pub mod scrub_every_month;
pub mod store_differs;
pub mod subvolume_inside_a_group;
pub mod subvolume_that_nothing_names;
pub mod trim_against_mount_options;
pub mod trim_by_one_means;
pub mod unallocated_below_reserve;
pub mod unit_failed;
pub mod unit_missing;
pub mod upkeep_on_days_apart;
pub mod work_not_ended;
pub mod writable_snapshot;

/// What mends a volume whose files would stay as they are.
fn moved(new: &str, volume: &str) -> String {
    format!(
        "`podman-btrfs migrate PLAN {volume}` copies its files into a new directory {new}, and exchanges the two; what uses it stops shortly"
    )
}
