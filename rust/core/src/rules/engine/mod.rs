//! 5xx: Podman's own storage.

pub mod blobs_beside_the_store;
pub mod containers_kept_over_boots;
pub mod driver_at_a_price;
pub mod emulation_for_platforms_that_run;
pub mod image_gone_after_prune;
pub mod image_references_by_digest;
pub mod images_in_the_graph_root;
pub mod images_stored_as_pulled;
pub mod layers_stored_for_each_platform;
pub mod layers_synced_before_use;
pub mod option_beyond_podman;
pub mod overlay_driver;
pub mod partial_pulls_with_overlay;
pub mod platform_of_host_not_said;
pub mod podman_version_unknown;
pub mod reflinks_for_shared_files;
pub mod rootless_overlay_too_early;
pub mod rootless_store_without_number;
pub mod several_platforms_without_digests;
pub mod storage_files_by_version;
pub mod store_in_the_way;
pub mod store_that_must_be_there;
pub mod transient_store_at_a_price;
