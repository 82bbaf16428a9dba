//! Takes a read-only snapshot, in a directory for root alone.

use std::path::{Path, PathBuf};

use super::{Action, Look};
use crate::system::{Fault, NodeKind, System, create_directories};

/// A snapshot that is to be there.
#[derive(Debug)]
pub struct TakeSnapshot {
    /// Of which subvolume, through a mount of the top level.
    pub source: PathBuf,
    /// Where.
    pub place: PathBuf,
    /// Its place as it is shown.
    pub shown: String,
}

impl Action for TakeSnapshot {
    fn describe(&self) -> String {
        format!("take the last snapshot {}", self.shown)
    }

    fn path(&self) -> &Path {
        &self.place
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        Ok(match system.look(&self.place)?.map(|node| node.kind) {
            None => Look::Missing,
            Some(NodeKind::Subvolume) => Look::AsWanted,
            Some(NodeKind::Directory | NodeKind::File | NodeKind::Other) => {
                Look::Refused("something else is in its place".into())
            }
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        if let Some(directory) = self.place.parent() {
            create_directories(system, directory)?;
        }
        system.create_snapshot(&self.source, &self.place)
    }
}
