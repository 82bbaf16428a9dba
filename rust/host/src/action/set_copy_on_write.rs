//! Sets the nodatacow attribute where the plan wants it, and finds it where the plan does not.

use std::path::{Path, PathBuf};

use super::{Action, Look};
use crate::system::{Fault, System};

/// Whether a volume is to be copied on write.
#[derive(Debug)]
pub struct SetCopyOnWrite {
    /// The volume, through a mount of the top level.
    pub path: PathBuf,
    /// The name to show.
    pub shown: String,
    /// False: the attribute is set.
    pub copy_on_write: bool,
}

impl Action for SetCopyOnWrite {
    fn describe(&self) -> String {
        let what = if self.copy_on_write {
            "keep copy on write for"
        } else {
            "set nodatacow on"
        };
        format!("{what} {}", self.shown)
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        let Some(node) = system.look(&self.path)? else {
            return Ok(Look::Missing);
        };
        let is_set = system.is_nodatacow(&self.path)?;
        Ok(match (self.copy_on_write, is_set) {
            (true, false) | (false, true) => Look::AsWanted,
            // On a file or directory in use the attribute would be accepted and change nothing of
            // what is there (proof `nodatacow-attribute-needs-empty-target`).
            (false, false) if !node.is_empty => Look::Refused(
                "it holds files, which would stay as they are; they must be copied into a new directory".into(),
            ),
            (false, false) => Look::Missing,
            (true, true) => Look::Refused(
                "the nodatacow attribute is set; files made under it have no checksums until they are copied".into(),
            ),
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        if self.copy_on_write {
            return Ok(());
        }
        system.set_nodatacow(&self.path)?;
        // What counts is what a file gets that is made in it.
        if system.probe(&self.path)?.nodatacow {
            return Ok(());
        }
        Err(Fault::Unexpected(
            "the attribute is set, and a new file does not get it".into(),
        ))
    }
}
