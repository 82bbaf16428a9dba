//! 1xx: whether the declaration can be planned at all.

// What the reader of documents (`spec::input`) raises by itself.
pub(crate) use document_unreadable::RULE as DOCUMENT_UNREADABLE;
pub(crate) use field_unknown::RULE as FIELD_UNKNOWN;
pub(crate) use name_declared_twice::RULE as NAME_DECLARED_TWICE;
pub(crate) use schema_version_unknown::RULE as SCHEMA_VERSION_UNKNOWN;
pub(crate) use value_not_understood::RULE as VALUE_NOT_UNDERSTOOD;

use std::collections::BTreeMap;

use crate::option_path::OptionPath;
use crate::units::ContainerName;

pub mod container_in_two_workloads;
pub mod container_named_like_an_id;
pub mod digest_for_platform_not_held;
pub mod digest_in_image_and_in_digests;
pub mod document_unreadable;
pub mod emulated_platform_not_foreign;
pub mod ephemeral_root_without_system;
pub mod existing_data_at_unknown_place;
pub mod existing_data_in_two_volumes;
pub mod existing_state_contradicted;
pub mod field_unknown;
pub mod filesystem_not_said;
pub mod filesystem_without_one_place;
pub mod level_of_fixed_rule;
pub mod more_copies_than_can_be_planned;
pub mod mount_point_taken;
pub mod mount_points_overlapping;
pub mod name_declared_twice;
pub mod old_name_in_use;
pub mod one_digest_for_two_platforms;
pub mod pod_name_taken;
pub mod profile_without_disks;
pub mod reference_to_nothing;
pub mod schema_version_unknown;
pub mod shared_volume_across_users;
pub mod store_frozen_otherwise;
pub mod swap_file_where_none_can_be;
pub mod used_volume_without_one_place;
pub mod value_not_understood;
pub mod volume_nested_in_volume;
pub mod volumes_at_one_path;
pub mod volumes_inside_engine_store;
pub mod workloads_writing_in_a_circle;
pub mod writer_outside_the_group;

/// Takes a name for the copies of what `at` declares, up to the first copy whose name is taken; that one, and by what.
fn take(
    taken: &mut BTreeMap<ContainerName, OptionPath>,
    name: &ContainerName,
    copies: u32,
    at: &OptionPath,
) -> Option<(ContainerName, OptionPath)> {
    (1..=copies).find_map(|copy| {
        let name = name.replica(copy);
        let first = taken.insert(name.clone(), at.clone())?;
        Some((name, first))
    })
}
