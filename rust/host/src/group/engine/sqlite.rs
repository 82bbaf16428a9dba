//! SQLite: what a write-ahead log holds is put into its database, where the container has `sqlite3`. Without it nothing is done: a
//! database and its log at one moment are what a power cut leaves, and whoever opens it next has every transaction that was committed
//! ("Write-Ahead Logging" of its manual).

use std::path::Path;

use super::{Begun, Place};
use crate::group::target::Data;
use crate::system::{Fault, NodeKind, System};

/// How deep databases are looked for in a volume, and how many: our choice.
const DEPTH: u32 = 3;
const MOST: usize = 50;

/// How the log of a database ends that is written ahead.
const LOG: &str = "-wal";

pub(super) fn begin(place: &Place<'_>, data: &[Data]) -> Result<Begun, String> {
    let mut written = 0;
    for data in data {
        let mut logs = Vec::new();
        find(place.podman.system(), &data.host, "", DEPTH, &mut logs)
            .map_err(|fault| fault.to_string())?;
        for log in logs {
            let database = log.strip_suffix(LOG).unwrap_or(&log);
            let file = format!("{}/{database}", data.inside);
            let command = [
                "sqlite3",
                &file,
                "PRAGMA busy_timeout = 2000; PRAGMA wal_checkpoint(TRUNCATE);",
            ];
            match place.podman.exec(&place.id, &command, place.limit) {
                Ok(_) => written += 1,
                // No such program (`podman-exec(1)`).
                Err(Fault::Program { status: 127, .. }) => return Ok(without_tool()),
                Err(fault) => return Err(fault.to_string()),
            }
        }
    }
    Ok(Begun::done(
        &format!("done: {written} logs written back"),
        None,
    ))
}

fn without_tool() -> Begun {
    Begun {
        quiesced: false,
        ..Begun::done(
            "none: no sqlite3 in the container; SQLite recovers by itself",
            None,
        )
    }
}

/// Logs below a directory; what is there may be a user's, so no link is followed.
fn find(
    system: &dyn System,
    directory: &Path,
    inside: &str,
    depth: u32,
    found: &mut Vec<String>,
) -> Result<(), Fault> {
    for name in system.list_below(directory, inside)?.unwrap_or_default() {
        let path = if inside.is_empty() {
            name.clone()
        } else {
            format!("{inside}/{name}")
        };
        if name.ends_with(LOG) && found.len() < MOST {
            found.push(path);
        } else if depth > 1 && is_directory(system, &directory.join(&path))? {
            find(system, directory, &path, depth - 1, found)?;
        }
    }
    Ok(())
}

fn is_directory(system: &dyn System, path: &Path) -> Result<bool, Fault> {
    let kind = system.look(path)?.map(|node| node.kind);
    Ok(matches!(
        kind,
        Some(NodeKind::Directory | NodeKind::Subvolume)
    ))
}
