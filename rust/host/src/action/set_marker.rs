//! Writes into a volume who it is.

use std::path::{Path, PathBuf};

use super::{Action, Look};
use crate::marker::Marker;
use crate::system::{Fault, System};

/// A volume that is to say who it is.
#[derive(Debug)]
pub struct SetMarker {
    /// The volume, through a mount of the top level.
    pub path: PathBuf,
    /// What it is to say.
    pub marker: Marker,
}

impl Action for SetMarker {
    fn describe(&self) -> String {
        format!("mark {} as itself", self.marker.volume)
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        let found = Marker::of(&self.path, system)?;
        Ok(if found.as_ref() == Some(&self.marker) {
            Look::AsWanted
        } else {
            Look::Missing
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        self.marker.set(&self.path, system)
    }
}
