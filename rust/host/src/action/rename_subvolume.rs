//! Gives a subvolume another name beside where it is.

use std::path::{Path, PathBuf};

use super::{Action, Look};
use crate::system::{Fault, NodeKind, System};

/// A subvolume that is to have another name.
#[derive(Debug)]
pub struct RenameSubvolume {
    /// Where it was, through a mount of the top level.
    pub from: PathBuf,
    /// Where it is to be.
    pub to: PathBuf,
    /// Both as they are shown.
    pub shown: (String, String),
}

impl Action for RenameSubvolume {
    fn describe(&self) -> String {
        format!("rename the subvolume {} to {}", self.shown.0, self.shown.1)
    }

    fn path(&self) -> &Path {
        &self.to
    }

    fn makes(&self) -> bool {
        true
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        let (from, to) = (system.look(&self.from)?, system.look(&self.to)?);
        Ok(match (from.map(|node| node.kind), to) {
            (None, _) => Look::AsWanted,
            (Some(NodeKind::Subvolume), None) => Look::Missing,
            (Some(NodeKind::Subvolume), Some(_)) => Look::Refused(format!(
                "both are there, and nobody knows which is the one; move {} or {} away, and apply again",
                self.shown.0, self.shown.1
            )),
            (Some(_), _) => Look::Refused(format!("{} is no subvolume", self.shown.0)),
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        system.rename(&self.from, &self.to)
    }
}
