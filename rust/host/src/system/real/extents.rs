//! The items of a subvolume's tree, asked from the kernel (`BTRFS_IOC_TREE_SEARCH_V2`, Linux 3.18), which asks for CAP_SYS_ADMIN.

use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::Path;

use btrfs_uapi::tree_search::{Key, SearchFilter, SearchHeader, tree_search_v2};

use super::file;
use crate::system::{Extents, Fault};

/// Bytes that the kernel is asked for at once.
const BUFFER: usize = 1 << 18;
/// `BTRFS_LAST_FREE_OBJECTID`: above it are no files.
const LAST: u64 = u64::MAX - 255;

pub(super) fn extents(place: &Path, subvolume: u64) -> Result<Option<Extents>, Fault> {
    let directory = File::open(place).map_err(file("open", place))?;
    let key = |objectid, item_type, offset| Key {
        objectid,
        item_type,
        offset,
    };
    let filter = SearchFilter {
        tree_id: subvolume,
        start: key(crate::system::ROOT, 0, 0),
        end: key(LAST, u32::from(u8::MAX), u64::MAX),
        min_transid: 0,
        max_transid: u64::MAX,
    };
    let mut found = Extents::default();
    let mut strange = None;
    let mut add = |header: &SearchHeader, payload: &[u8]| {
        let SearchHeader {
            objectid,
            item_type,
            offset,
            ..
        } = *header;
        if found.add(objectid, item_type, offset, payload).is_none() {
            strange = strange.or(Some((objectid, item_type, offset)));
        }
        Ok(())
    };
    let asked = tree_search_v2(directory.as_fd(), filter, Some(BUFFER), &mut add);
    match asked.map_err(std::io::Error::from) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file("read the trees of", place)(error)),
    }
    match strange {
        None => Ok(Some(found)),
        Some((inode, kind, offset)) => Err(Fault::Unexpected(format!(
            "the item {inode} {kind} {offset} in the tree {subvolume} of {} is not understood",
            place.display()
        ))),
    }
}
