//! Makes a subvolume with its owner and mode.

use std::path::{Path, PathBuf};

use podman_btrfs_core::units::SubvolumePath;

use super::{Access, Action, Look};
use crate::system::{Fault, NodeKind, System};

/// A subvolume that is to be there.
#[derive(Debug)]
pub struct CreateSubvolume {
    /// Where it is, through a mount of the top level.
    pub path: PathBuf,
    /// Its path below the top level.
    pub subvolume: SubvolumePath,
    /// Owner and mode while it is new.
    pub access: Access,
}

impl Action for CreateSubvolume {
    fn describe(&self) -> String {
        format!("make the subvolume {}", self.subvolume)
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
            NodeKind::Subvolume if self.access.is_due(system, &node)? => Look::Missing,
            NodeKind::Subvolume => Look::AsWanted,
            NodeKind::Directory if node.is_empty => Look::Refused(
                "an empty directory is in its place; remove it with `rmdir`, and apply again"
                    .into(),
            ),
            NodeKind::Directory => Look::Refused(
                "a directory with files is in its place; move them into a subvolume first".into(),
            ),
            NodeKind::File | NodeKind::Other => {
                Look::Refused("something that is no directory is in its place".into())
            }
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        // After a crash between the two it is there, empty, with another owner.
        if system.look(&self.path)?.is_none() {
            system.create_subvolume(&self.path)?;
        }
        self.access.set(system, &self.path)
    }
}
