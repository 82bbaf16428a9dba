//! What snapshot tools keep: their own arithmetic, day for day.
//!
//! Written after what btrbk 0.32 and snapper 0.10 do, not after what their manuals say; `checks/retention` runs
//! the real tools over a year with a shifted clock and compares.

mod btrbk;
mod held;
mod snapper;

pub use btrbk::Btrbk;
pub use held::Held;
pub use snapper::Snapper;

use crate::clock::Wall;
use crate::spec::{Keep, SnapshotTool};

/// How one tool thins a series of snapshots.
#[derive(Clone, Copy, Debug)]
pub enum Retention {
    /// btrbk's.
    Btrbk(Btrbk),
    /// snapper's.
    Snapper(Snapper),
}

impl Retention {
    /// What a job's tool is told by our configurations.
    #[must_use]
    pub fn of(tool: SnapshotTool, keep: &Keep, keep_all_hours: u32) -> Self {
        match tool {
            SnapshotTool::Btrbk => Self::Btrbk(Btrbk::of(keep, keep_all_hours)),
            SnapshotTool::Snapper => Self::Snapper(Snapper::of(keep, keep_all_hours)),
        }
    }

    /// Which of these snapshots are kept, oldest first, when the tool thins them at a moment.
    #[must_use]
    pub fn keeps(&self, snapshots: &[Wall], now: &Wall) -> Vec<bool> {
        match self {
            Self::Btrbk(rules) => rules.keeps(snapshots, now),
            Self::Snapper(rules) => rules.keeps(snapshots, now.epoch),
        }
    }
}
