//! What is at a planned place: attributes, property and marker without any program.

use std::path::Path;

use podman_btrfs_core::observed::{Known, ObservedMarker, ObservedPlace, PlaceKind};

use crate::marker::Marker;
use crate::system::{Fault, Node, NodeKind, System};

/// Looks at a path; a limit is known by the number of its subvolume, not here.
pub(super) fn look(system: &dyn System, path: &Path) -> Known<Option<ObservedPlace>> {
    without_links(system, path)
        .and_then(|()| system.look(path))
        .map(|node| node.map(|node| place(system, path, node)))
        .into()
}

/// A place is known only where no link leads elsewhere on the way: those above it may be a user's.
fn without_links(system: &dyn System, path: &Path) -> Result<(), Fault> {
    let Some(above) = path.parent() else {
        return Ok(());
    };
    match system.resolve(above)? {
        Some(real) if real != above => Err(Fault::Unexpected(format!(
            "{} leads to {}",
            above.display(),
            real.display()
        ))),
        Some(_) | None => Ok(()),
    }
}

fn place(system: &dyn System, path: &Path, node: Node) -> ObservedPlace {
    let kind = match node.kind {
        NodeKind::Subvolume => PlaceKind::Subvolume,
        NodeKind::Directory => PlaceKind::Directory,
        NodeKind::File => PlaceKind::File,
        NodeKind::Other => PlaceKind::Other,
    };
    // Of anything else nobody wants to know, and a device may not like to be opened.
    let is_directory = matches!(kind, PlaceKind::Subvolume | PlaceKind::Directory);
    let marker = |marker: Marker| ObservedMarker {
        id: marker.id,
        volume: marker.volume,
    };
    ObservedPlace {
        kind,
        empty: node.is_empty,
        mode: format!("{:04o}", node.mode),
        uid: node.uid,
        gid: node.gid,
        nodatacow: if is_directory {
            system.is_nodatacow(path).into()
        } else {
            Known::Known(false)
        },
        compression: if is_directory {
            system.compression(path).into()
        } else {
            Known::Known(None)
        },
        marker: if is_directory {
            let found = Marker::of(path, system);
            found.map(|found| found.map(marker)).into()
        } else {
            Known::Known(None)
        },
        limit_bytes: Known::Known(None),
    }
}
