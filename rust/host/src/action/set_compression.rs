//! Sets the compression property of an empty volume; files inherit it when they are made.

use std::path::{Path, PathBuf};

use super::{Action, Look};
use crate::system::{Fault, System};

/// The compression property of a volume.
#[derive(Debug)]
pub struct SetCompression {
    /// The volume, through a mount of the top level.
    pub path: PathBuf,
    /// The name to show.
    pub shown: String,
    /// As `btrfs property` names it; absent: none is to be set.
    pub value: Option<&'static str>,
}

impl Action for SetCompression {
    fn describe(&self) -> String {
        match self.value {
            Some(value) => format!("set the compression property of {} to {value}", self.shown),
            None => format!("leave {} without a compression property", self.shown),
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        let Some(node) = system.look(&self.path)? else {
            return Ok(Look::Missing);
        };
        let present = system.compression(&self.path)?;
        Ok(match (self.value, present.as_deref()) {
            (wanted, present) if wanted == present => Look::AsWanted,
            (Some(_), None) if node.is_empty => Look::Missing,
            (Some(_), None) => Look::Refused(
                "it holds files, which would stay as they are; copy them to change them".into(),
            ),
            (_, Some(present)) => Look::Refused(format!(
                "the property is set to {present}; if nobody wants that, change it with `btrfs property set`"
            )),
            (None, None) => Look::AsWanted,
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        let Some(value) = self.value else {
            return Ok(());
        };
        system.set_compression(&self.path, value)?;
        // What counts is what a file gets that is made in it.
        let found = system.probe(&self.path)?.compression;
        if found.as_deref() == Some(value) {
            return Ok(());
        }
        Err(Fault::Unexpected(format!(
            "the property is set, and a new file gets {}",
            found.as_deref().unwrap_or("none of its own")
        )))
    }
}
