//! Whether a container may start now: not while an update that was ended in the middle left its image and its data of two moments.

use std::path::Path;

use podman_btrfs_core::plan::Plan;

use super::copies;
use super::journal::{Journal, Stage};
use crate::system::{Fault, System};
use crate::verify::Checked;

/// An answer for each of these containers whose copy is in the middle of being switched or taken back. Whoever may not read the
/// journals, as a rootless user, is told nothing.
///
/// # Errors
/// When a journal cannot be read or understood.
pub fn check(
    plan: &Plan,
    containers: &[String],
    system: &dyn System,
    journals: &Path,
) -> Result<Vec<Checked>, Fault> {
    let journals = match Journal::all(system, journals) {
        Ok(journals) => journals,
        Err(Fault::File { source, .. })
            if source.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            Vec::new()
        }
        Err(fault) => return Err(fault),
    };
    let is_between =
        |journal: &&Journal| matches!(journal.stage, Stage::Switching | Stage::Returning);
    let mut found = Vec::new();
    for journal in journals.iter().filter(is_between) {
        for copy in copies(plan).filter(|copy| journal.copies.contains(&copy.instance.name)) {
            let own = containers.iter().filter(|name| {
                let mut all = copy.instance.containers.keys();
                all.any(|known| known.as_str() == name.as_str())
            });
            found.extend(own.map(|name| Checked {
                subject: name.clone(),
                found: format!("an update of {} that was begun", copy.instance.name),
                wrong: Some(
                    "its image and its data are not of one moment: `podman-btrfs update PLAN --resume` brings them together".into(),
                ),
            }));
        }
    }
    Ok(found)
}
