//! `BTRFS_IOC_TREE_SEARCH_V2` (Linux 3.18, `linux/btrfs.h`): the items of one tree of a Btrfs, as they lie on the disk.
//!
//! The only crate of the workspace with `unsafe` in it, and with nothing else: rustix, which every other call goes through, has no safe
//! form of this one. The buffer is bytes of our own, and whatever the kernel writes into it is read back with every length checked.

use std::ffi::c_void;
use std::os::fd::AsFd;

use rustix::io::Errno;
use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, ioctl, opcode};

/// `struct btrfs_ioctl_search_args_v2` without its buffer: seven numbers of 64 bits, four of 32, four unused ones of 64, a length.
const ARGUMENTS: usize = 112;
/// Where in it how many items are asked for, and then were found.
const ITEMS: usize = 64;
/// Where in it the length of the buffer is.
const LENGTH: usize = 104;
/// `struct btrfs_ioctl_search_header`.
const HEADER: usize = 32;

/// What an item is: its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The object, in the tree of a subvolume an inode.
    pub object: u64,
    /// What it says of it.
    pub kind: u8,
    /// Depends on the kind.
    pub offset: u64,
}

/// Calls `each` with every item of a tree from one key to another, both among them, in their order; the tree is one of the filesystem
/// that `directory` lies on. Needs `CAP_SYS_ADMIN`.
pub fn search(
    directory: impl AsFd,
    tree: u64,
    (from, to): (Key, Key),
    buffer: usize,
    mut each: impl FnMut(Key, &[u8]),
) -> Result<(), Errno> {
    let mut request = Request(vec![0; ARGUMENTS + buffer]);
    let mut next = Some(from);
    while let Some(from) = next {
        request.ask(tree, from, to);
        // SAFETY: `Request` gives the number of this call, and a place of ours that is as long as it says.
        unsafe { ioctl(&directory, &mut request) }?;
        next = request.found(&mut each)?.and_then(Key::after);
    }
    Ok(())
}

impl Key {
    /// The next possible one.
    fn after(self) -> Option<Self> {
        let Self {
            object,
            kind,
            offset,
        } = self;
        let (offset, is_over) = offset.overflowing_add(1);
        let (kind, is_over) = kind.overflowing_add(u8::from(is_over));
        let object = object.checked_add(u64::from(is_over))?;
        Some(Self {
            object,
            kind,
            offset,
        })
    }
}

/// The arguments, and behind them the buffer that the kernel fills.
struct Request(Vec<u8>);

impl Request {
    fn ask(&mut self, tree: u64, from: Key, to: Key) {
        let numbers = [
            tree,
            from.object,
            to.object,
            from.offset,
            to.offset,
            0,
            u64::MAX,
        ];
        let small = [u32::from(from.kind), u32::from(to.kind), u32::MAX, 0];
        let length = (self.0.len() - ARGUMENTS) as u64;
        let numbers = numbers.into_iter().flat_map(u64::to_ne_bytes);
        let small = small.into_iter().flat_map(u32::to_ne_bytes);
        let unused = [0; LENGTH - ITEMS - 8].into_iter();
        let all = numbers
            .chain(small)
            .chain(unused)
            .chain(length.to_ne_bytes());
        for (place, byte) in self.0.iter_mut().zip(all) {
            *place = byte;
        }
    }

    /// Reads what was found; the last key, or `None` where nothing was.
    fn found(&self, each: &mut impl FnMut(Key, &[u8])) -> Result<Option<Key>, Errno> {
        let mut last = None;
        let items = self.items(&mut |key, payload| {
            last = Some(key);
            each(key, payload);
        });
        // Nobody but the kernel wrote this: what does not fit into the buffer was not written by it.
        items.ok_or(Errno::BADMSG)?;
        Ok(last)
    }

    fn items(&self, each: &mut impl FnMut(Key, &[u8])) -> Option<()> {
        let count = u32::from_ne_bytes(*self.0.get(ITEMS..)?.first_chunk()?);
        let mut rest = self.0.get(ARGUMENTS..)?;
        for _ in 0..count {
            let (header, behind) = rest.split_at_checked(HEADER)?;
            let wide = |at: usize| Some(u64::from_ne_bytes(*header.get(at..)?.first_chunk()?));
            let narrow = |at: usize| Some(u32::from_ne_bytes(*header.get(at..)?.first_chunk()?));
            let key = Key {
                object: wide(8)?,
                offset: wide(16)?,
                kind: u8::try_from(narrow(24)?).ok()?,
            };
            let length = usize::try_from(narrow(28)?).ok()?;
            let (payload, behind) = behind.split_at_checked(length)?;
            each(key, payload);
            rest = behind;
        }
        Some(())
    }
}

// SAFETY: the number is that of this call, and what it names is `ARGUMENTS` bytes followed by as many as they say, all of them ours.
// The kernel asks for no alignment: it copies from and to them.
unsafe impl Ioctl for &mut Request {
    type Output = ();

    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        opcode::read_write::<[u8; ARGUMENTS]>(0x94, 17)
    }

    fn as_ptr(&mut self) -> *mut c_void {
        self.0.as_mut_ptr().cast()
    }

    unsafe fn output_from_ptr(_: IoctlOutput, _: *mut c_void) -> rustix::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: Key = Key {
        object: 256,
        kind: 0,
        offset: 0,
    };

    fn item(object: u64, payload: &[u8]) -> Vec<u8> {
        let wide = [9, object, 7].into_iter().flat_map(u64::to_ne_bytes);
        let narrow = [108, u32::try_from(payload.len()).unwrap_or(0)]
            .into_iter()
            .flat_map(u32::to_ne_bytes);
        wide.chain(narrow).chain(payload.iter().copied()).collect()
    }

    fn answered(count: u32, items: &[u8]) -> Request {
        let mut request = Request(vec![0; ARGUMENTS]);
        request.0[ITEMS..ITEMS + 4].copy_from_slice(&count.to_ne_bytes());
        request.0.extend(items);
        request
    }

    #[test]
    fn the_arguments_are_where_the_kernel_looks() {
        let mut request = Request(vec![0; ARGUMENTS + 4096]);
        let to = Key {
            object: 300,
            kind: 255,
            offset: 5,
        };
        request.ask(261, FROM, to);
        let wide =
            |at: usize| u64::from_ne_bytes(*request.0[at..].first_chunk().unwrap_or(&[0; 8]));
        let found: Vec<u64> = (0..7).map(|index| wide(index * 8)).collect();
        assert_eq!(found, [261, 256, 300, 0, 5, 0, u64::MAX]);
        assert_eq!((wide(56), wide(64)), (255 << 32, u64::from(u32::MAX)));
        assert_eq!(wide(LENGTH), 4096);
        assert_eq!(<&mut Request as Ioctl>::opcode(&&mut request), 0xC070_9411);
    }

    #[test]
    fn what_was_found_is_read_and_half_of_it_is_not() {
        let items = [item(257, b"abc"), item(258, b"")].concat();
        let mut seen = Vec::new();
        let last = answered(2, &items)
            .found(&mut |key, payload| seen.push((key.object, payload.to_vec())));
        assert_eq!(seen, [(257, b"abc".to_vec()), (258, Vec::new())]);
        assert_eq!(last.map(|key| key.map(|key| key.object)), Ok(Some(258)));
        for length in 0..items.len() {
            let half = answered(2, &items[..length]).found(&mut |_, _| ());
            assert_eq!(half, Err(Errno::BADMSG), "{length}");
        }
        assert_eq!(answered(0, &[]).found(&mut |_, _| ()), Ok(None));
    }

    #[test]
    fn keys_follow_each_other_as_one_number() {
        let key = |object, kind, offset| Key {
            object,
            kind,
            offset,
        };
        assert_eq!(key(1, 2, 3).after(), Some(key(1, 2, 4)));
        assert_eq!(key(1, 2, u64::MAX).after(), Some(key(1, 3, 0)));
        assert_eq!(key(1, 255, u64::MAX).after(), Some(key(2, 0, 0)));
        assert_eq!(key(u64::MAX, 255, u64::MAX).after(), None);
    }
}
