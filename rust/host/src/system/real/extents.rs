//! The items of a subvolume's tree, asked from the kernel, which asks for `CAP_SYS_ADMIN`.

use std::fs::File;
use std::path::Path;

use podman_btrfs_search::{Key, search};

use super::file;
use crate::system::{Extents, Fault, ROOT};

/// Bytes that the kernel is asked for at once.
const BUFFER: usize = 1 << 18;
/// `BTRFS_LAST_FREE_OBJECTID`: above it are no files.
const LAST: u64 = u64::MAX - 255;

pub(super) fn extents(place: &Path, subvolume: u64) -> Result<Option<Extents>, Fault> {
    let directory = File::open(place).map_err(file("open", place))?;
    let key = |object, kind, offset| Key {
        object,
        kind,
        offset,
    };
    let range = (key(ROOT, 0, 0), key(LAST, u8::MAX, u64::MAX));
    let mut found = Extents::default();
    let mut strange = None;
    let asked = search(&directory, subvolume, range, BUFFER, |key, payload| {
        let understood = found.add(key.object, u32::from(key.kind), key.offset, payload);
        if understood.is_none() {
            strange = strange.or(Some(key));
        }
    });
    match asked.map_err(std::io::Error::from) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file("read the trees of", place)(error)),
    }
    match strange {
        None => Ok(Some(found)),
        Some(Key {
            object,
            kind,
            offset,
        }) => Err(Fault::Unexpected(format!(
            "the item {object} {kind} {offset} in the tree {subvolume} of {} is not understood",
            place.display()
        ))),
    }
}
