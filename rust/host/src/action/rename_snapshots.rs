//! Gives the snapshots of a series that btrbk took the series' new name, so that they stay its history.

use std::path::{Path, PathBuf};

use super::{Action, Look};
use crate::observe::snapshot_names;
use crate::system::{Fault, System};

/// Snapshots that are to belong to another series.
#[derive(Debug)]
pub struct RenameSnapshots {
    /// Where they are, through a mount of the top level.
    pub directory: PathBuf,
    /// The series that they were of.
    pub from: String,
    /// The series that they are to be of.
    pub to: String,
}

impl RenameSnapshots {
    /// Each that still has the former name, with the new one.
    fn pairs(&self, system: &dyn System) -> Result<Vec<(PathBuf, PathBuf)>, Fault> {
        let names = system.list(&self.directory)?.unwrap_or_default();
        let of_it = names.iter().filter_map(|name| {
            let (series, _) = snapshot_names::btrbk(name)?;
            let stamp = name.strip_prefix(series)?;
            let renamed = format!("{}{stamp}", self.to);
            (series == self.from).then(|| (self.directory.join(name), self.directory.join(renamed)))
        });
        Ok(of_it.collect())
    }
}

impl Action for RenameSnapshots {
    fn describe(&self) -> String {
        format!("rename the snapshots of {} to {}", self.from, self.to)
    }

    fn path(&self) -> &Path {
        &self.directory
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        let pairs = self.pairs(system)?;
        for (_, to) in &pairs {
            if system.look(to)?.is_some() {
                return Ok(Look::Refused(format!(
                    "{} is there already; rename or delete one of the two",
                    to.display()
                )));
            }
        }
        Ok(if pairs.is_empty() {
            Look::AsWanted
        } else {
            Look::Missing
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        for (from, to) in self.pairs(system)? {
            system.rename(&from, &to)?;
        }
        Ok(())
    }
}
