//! What `plan --out` says.

use std::path::Path;

use podman_btrfs_emit::Artefact;

use super::words::{count, first_of};
use crate::out_directory::Foreign;
use crate::output::Style;

/// The files that were written.
pub(crate) fn written(directory: &Path, artefacts: &[Artefact]) -> String {
    let mut text: String = artefacts
        .iter()
        .map(|artefact| format!("{}\n", directory.join(&artefact.path).display()))
        .collect();
    text += &format!("{} written\n", count(artefacts.len(), "file"));
    text
}

/// Why nothing was written.
pub(crate) fn foreign(directory: &Path, foreign: &Foreign, style: Style) -> String {
    let paths: Vec<String> = foreign
        .paths
        .iter()
        .map(|path| path.escape_debug().to_string())
        .collect();
    format!(
        "{} {} holds files that podman-btrfs did not write: {}\n  help: give a directory that is new or empty; nothing was written\n",
        style.bold("podman-btrfs:"),
        directory.display(),
        first_of(&paths, 10)
    )
}
