//! Which filesystem is mounted somewhere.

use std::path::Path;

use crate::system::{Fault, System};

/// The UUID of the filesystem that is mounted at a path.
///
/// # Errors
/// When nothing is mounted there, or `findmnt` does not tell.
pub fn of_mount(system: &dyn System, mount_point: &Path) -> Result<String, Fault> {
    let shown = mount_point.to_string_lossy();
    let arguments = ["--noheadings", "--output", "UUID", "--mountpoint", &shown];
    let printed = system.run("findmnt", &arguments)?.stdout;
    let uuid = printed.trim();
    // It becomes part of a path.
    if uuid.is_empty() || uuid.contains(['/', '\n']) || uuid.starts_with('.') {
        return Err(Fault::Unexpected(format!(
            "`findmnt` knows no UUID for {shown}"
        )));
    }
    Ok(uuid.to_owned())
}
