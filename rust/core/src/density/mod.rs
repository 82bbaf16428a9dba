//! How much of everything a host has to hold: counted from copies, containers, volumes and retention.
//!
//! What the declaration says is counted; what it cannot say (how many processes run in a container) is assumed, and
//! [`assumed`] is the only place that says how much.

pub mod assumed;
mod filesystem;
mod stores;

pub use filesystem::{FilesystemLoad, kept};
pub use stores::{Stores, by_store, containers};

use crate::analysis::Facts;
use crate::rules::Choices;

/// Everything that is counted.
pub struct Density {
    /// Containers, by who runs them.
    pub stores: Stores,
    /// Subvolumes and snapshots, by position of the filesystem.
    pub filesystems: Vec<FilesystemLoad>,
}

/// Counts a declaration with the choices about it so far.
#[must_use]
pub fn count(facts: &Facts, choices: &Choices) -> Density {
    Density {
        stores: by_store(facts),
        filesystems: (0..facts.filesystems.len())
            .map(|index| filesystem::load(facts, choices, index))
            .collect(),
    }
}

/// Twice a demand, as a power of two: what is set so that growth does not need another setting.
#[must_use]
pub fn with_room(demand: u64) -> u64 {
    demand
        .saturating_mul(2)
        .checked_next_power_of_two()
        .unwrap_or(u64::MAX)
}
