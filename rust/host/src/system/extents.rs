//! What the tree of one subvolume says of its files' data.
//!
//! The kernel gives a tree's items as they lie on the disk (`btrfs_tree.h`), and each is read here: which extents a file
//! refers to, how large each is on the disk and without compression, and in which directories the file has a name.
//! A file with several names has several of them; one that is deleted and still open has none.

use std::collections::BTreeMap;

use podman_btrfs_core::space::Extent;

/// The inode number of every subvolume's root (`BTRFS_FIRST_FREE_OBJECTID`).
pub const ROOT: u64 = 256;

const INODE_REF: u32 = 12;
const INODE_EXTREF: u32 = 13;
const EXTENT_DATA: u32 = 108;
/// `BTRFS_FILE_EXTENT_INLINE`, `_REG` and `_PREALLOC`.
const INLINE: u8 = 0;
const REGULAR: u8 = 1;
const PREALLOCATED: u8 = 2;

/// A part of a file that holds data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    /// The file.
    pub inode: u64,
    /// Bytes of the file that it is.
    pub length: u64,
    /// The extent that holds it; `None`: it lies in the tree itself.
    pub extent: Option<Extent>,
}

/// What is in a subvolume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extents {
    /// Parts of files, in the order of inodes; holes are left out.
    pub data: Vec<Data>,
    /// Files and directories, each with a directory that it has a name in.
    pub names: Vec<(u64, u64)>,
    /// What has a name in the subvolume's root, where that is text.
    pub in_root: BTreeMap<String, u64>,
}

impl Extents {
    /// Adds an item of the tree; `None` where it is not understood. Items that say nothing of this are passed over.
    #[must_use]
    pub fn add(&mut self, inode: u64, kind: u32, offset: u64, payload: &[u8]) -> Option<()> {
        match kind {
            INODE_REF => self.add_names(inode, offset, payload),
            INODE_EXTREF => self.add_far_names(inode, payload),
            EXTENT_DATA => {
                if let Part::Data(data) = part(inode, payload)? {
                    self.data.push(data);
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    /// `btrfs_inode_ref`, one behind the other: an index, a length, a name. The directory is the key's offset.
    fn add_names(&mut self, inode: u64, directory: u64, mut payload: &[u8]) -> Option<()> {
        // The root names itself.
        if inode == ROOT {
            return Some(());
        }
        self.names.push((inode, directory));
        while !payload.is_empty() {
            let length = usize::from(number16(payload, 8)?);
            let name = payload.get(10..)?.get(..length)?;
            if directory == ROOT
                && let Ok(name) = std::str::from_utf8(name)
            {
                self.in_root.insert(name.to_owned(), inode);
            }
            payload = payload.get(10 + length..)?;
        }
        Some(())
    }

    /// `btrfs_inode_extref`, where a file has very many names: a directory, an index, a length, a name.
    fn add_far_names(&mut self, inode: u64, mut payload: &[u8]) -> Option<()> {
        while !payload.is_empty() {
            self.names.push((inode, number64(payload, 0)?));
            let length = usize::from(number16(payload, 16)?);
            payload = payload.get(18 + length..)?;
        }
        Some(())
    }
}

/// A part of a file.
enum Part {
    Hole,
    Data(Data),
}

/// `btrfs_file_extent_item`: generation, size without compression, three kinds of encoding, type; then, but for what lies in the
/// tree itself, address and size on the disk, where this part begins in it, and how long this part is.
fn part(inode: u64, payload: &[u8]) -> Option<Part> {
    let uncompressed = number64(payload, 8)?;
    match *payload.get(20)? {
        INLINE => Some(Part::Data(Data {
            inode,
            length: uncompressed,
            extent: None,
        })),
        REGULAR | PREALLOCATED => {
            let (address, stored) = (number64(payload, 21)?, number64(payload, 29)?);
            let length = number64(payload, 45)?;
            let extent = Extent {
                address,
                stored,
                uncompressed,
            };
            // A hole has no address.
            if address == 0 {
                return Some(Part::Hole);
            }
            Some(Part::Data(Data {
                inode,
                length,
                extent: Some(extent),
            }))
        }
        _ => None,
    }
}

fn number16(payload: &[u8], at: usize) -> Option<u16> {
    let bytes = payload.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}

fn number64(payload: &[u8], at: usize) -> Option<u64> {
    let bytes = payload.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: u8, numbers: &[u64]) -> Vec<u8> {
        let mut payload = vec![0; 8];
        payload.extend(8192_u64.to_le_bytes());
        payload.extend([3, 0, 0, 0, kind]);
        payload.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        payload
    }

    fn name(text: &[u8]) -> Vec<u8> {
        let length = u16::try_from(text.len()).unwrap().to_le_bytes();
        [&[0; 8], &length[..], text].concat()
    }

    #[test]
    fn parts_of_files_are_read_and_holes_left_out() {
        let mut found = Extents::default();
        for (kind, numbers) in [
            (REGULAR, &[1 << 20, 4096, 0, 8192][..]),
            (REGULAR, &[0, 0, 0, 8192]),
            (PREALLOCATED, &[2 << 20, 8192, 4096, 100]),
            (INLINE, &[]),
        ] {
            found
                .add(257, EXTENT_DATA, 0, &item(kind, numbers))
                .unwrap();
        }
        let lengths: Vec<u64> = found.data.iter().map(|data| data.length).collect();
        assert_eq!(lengths, [8192, 100, 8192]);
        let compressed = Extent {
            address: 1 << 20,
            stored: 4096,
            uncompressed: 8192,
        };
        assert_eq!(found.data[0].extent, Some(compressed));
        assert_eq!(found.data[2].extent, None);
    }

    #[test]
    fn a_file_has_a_name_in_each_of_its_directories() {
        let mut found = Extents::default();
        let two = [name(b"a"), name(b"again")].concat();
        found.add(257, INODE_REF, ROOT, &two).unwrap();
        found.add(257, INODE_REF, 300, &name(b"b\xff")).unwrap();
        let far = [&400_u64.to_le_bytes()[..], &name(b"far")].concat();
        found.add(257, INODE_EXTREF, 99, &far).unwrap();
        found.add(ROOT, INODE_REF, ROOT, &name(b"..")).unwrap();
        assert_eq!(found.names, [(257, ROOT), (257, 300), (257, 400)]);
        let in_root: Vec<&str> = found.in_root.keys().map(String::as_str).collect();
        assert_eq!(in_root, ["a", "again"]);
    }

    #[test]
    fn half_of_an_item_is_not_understood() {
        let whole = item(REGULAR, &[1, 2, 3, 4]);
        for length in 0..whole.len() {
            let half = Extents::default().add(257, EXTENT_DATA, 0, &whole[..length]);
            assert_eq!(half, None, "{length}");
        }
        let whole = name(b"pgdata");
        for length in 1..whole.len() {
            let half = Extents::default().add(257, INODE_REF, ROOT, &whole[..length]);
            assert_eq!(half, None, "{length}");
        }
        let strange = item(7, &[1, 2, 3, 4]);
        assert_eq!(Extents::default().add(257, EXTENT_DATA, 0, &strange), None);
    }
}
