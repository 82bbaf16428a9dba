//! Makes the directory of a volume inside its group's subvolume.

use std::path::{Path, PathBuf};

use super::{Access, Action, Look};
use crate::system::{Fault, NodeKind, System};

/// A directory that is to be there.
#[derive(Debug)]
pub struct CreateDirectory {
    /// Where it is, through a mount of the top level.
    pub path: PathBuf,
    /// The name to show: `@volumes/shop/pgdata`.
    pub shown: String,
    /// Owner and mode while it is new.
    pub access: Access,
}

impl Action for CreateDirectory {
    fn describe(&self) -> String {
        format!("make the directory {}", self.shown)
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn makes(&self) -> bool {
        true
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        let Some(node) = system.look(&self.path)? else {
            return Ok(Look::Missing);
        };
        Ok(match node.kind {
            NodeKind::Directory if self.access.is_due(system, &node)? => Look::Missing,
            NodeKind::Directory => Look::AsWanted,
            NodeKind::Subvolume => Look::Refused(
                "a nested subvolume is in its place; the group's snapshots would leave it out"
                    .into(),
            ),
            NodeKind::File | NodeKind::Other => {
                Look::Refused("something that is no directory is in its place".into())
            }
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        if system.look(&self.path)?.is_none() {
            system.create_directory(&self.path)?;
        }
        self.access.set(system, &self.path)
    }
}
