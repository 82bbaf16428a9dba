//! 5xx: Podman's own storage.

pub mod driver_at_a_price;
pub mod image_gone_after_prune;
pub mod overlay_driver;
pub mod partial_pulls_with_overlay;
