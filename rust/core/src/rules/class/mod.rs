//! 2xx: what a volume holds.

pub mod class_against_image;
pub mod class_by_image_path_and_name;
pub mod class_doubtful;
pub mod class_open;
pub mod engine_against_image;
pub mod engine_by_image;
pub mod nested_path_in_one_volume;
pub mod precious_declared_worthless;
pub mod shared_path_as_two_volumes;
pub mod snapshot_by_class;
pub mod uncovered_image_volume;
pub mod workload_by_pattern;
