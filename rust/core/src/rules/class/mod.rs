//! 2xx: what a volume holds.

pub mod class_by_image_path_and_name;
pub mod class_open;
pub mod engine_by_image;
pub mod snapshot_by_class;
