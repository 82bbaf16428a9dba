//! 5xx: Podman's own storage.

pub mod driver_at_a_price;
pub mod emulation_for_platforms_that_run;
pub mod image_references_by_digest;
pub mod layers_stored_for_each_platform;
pub mod overlay_driver;
pub mod partial_pulls_with_overlay;
pub mod platform_of_host_not_said;
pub mod several_platforms_without_digests;
