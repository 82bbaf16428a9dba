//! 7xx: sizes and numbers.

pub mod sizes_beyond_capacity;
