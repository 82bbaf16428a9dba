//! A series of snapshots over time.

use super::Retention;
use crate::clock::Wall;

/// The snapshots of a series that are there.
#[derive(Clone, Debug, Default)]
pub struct Held {
    snapshots: Vec<Wall>,
}

impl Held {
    /// A snapshot is taken.
    pub fn take(&mut self, at: Wall) {
        self.snapshots.push(at);
    }

    /// The tool thins them; returns how many it removes.
    pub fn thin(&mut self, retention: &Retention, now: &Wall) -> usize {
        let before = self.snapshots.len();
        let mut keeps = retention.keeps(&self.snapshots, now).into_iter();
        self.snapshots.retain(|_| keeps.next() == Some(true));
        before - self.snapshots.len()
    }

    /// What is there, oldest first.
    #[must_use]
    pub fn snapshots(&self) -> &[Wall] {
        &self.snapshots
    }
}
