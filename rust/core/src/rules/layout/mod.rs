//! 3xx: filesystems, subvolumes, mounts.

pub mod boot_partition_on_each_disk;
pub mod data_profile_by_disks;
pub mod data_to_move;
pub mod flat_layout_with_few_mounts;
pub mod group_as_one_subvolume;
pub mod group_over_several_subvolumes;
pub mod key_file_of_a_late_unit;
pub mod metadata_profile_by_data_profile;
pub mod moment_by_one_snapshot_or_a_freeze;
pub mod nofail_over_a_bare_directory;
pub mod own_subvolume_for_limit_or_tier;
pub mod places_that_outlive_an_ephemeral_root;
pub mod subvolume_mounted_twice;
pub mod swap_file_in_a_subvolume_of_its_own;
