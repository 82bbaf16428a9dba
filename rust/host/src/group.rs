//! Consistency groups: snapshots of several subvolumes at one moment, and what is known of each.
//!
//! | file | holds |
//! | --- | --- |
//! | [`record`] | what a snapshot says of itself |

pub mod record;
