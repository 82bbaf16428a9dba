//! How much a set of disks holds, by Btrfs' own way of giving out space.
//!
//! Btrfs gives out space in chunks. Each chunk takes a stripe on as many devices as its profile wants, and takes
//! the devices with the most unallocated space; it ends when too few devices have any left. What is left then on
//! the larger devices nobody can use. There is no formula for unequal disks that is right for every profile, so
//! [`fill`] gives out chunks as the kernel does (`fs/btrfs/volumes.c`: which devices, how large) until nothing is
//! left, beginning with those that `mkfs.btrfs` makes, which lie on the last of its devices, however empty the first
//! is. `checks/space` compares the result with real filesystems that are filled to the last byte.

mod allocator;
mod growth;
mod profile;
mod sharing;
mod until_full;

pub use allocator::{Space, fill};
pub use growth::{Growth, Point, growth};
pub use profile::Arrangement;
pub use sharing::{Extent, GroupShare, Held, Holder, Share, Sharing};
pub use until_full::{UntilFull, until_full};

use crate::spec::Profile;

/// For each thousand bytes of data, how many of metadata are set aside: an assumption, which suits files of a
/// megabyte and more. Many small files and compressed data need more; the reserve (PB705) is for them.
pub const METADATA_PER_THOUSAND: u64 = 10;

/// What a filesystem's disks give under its profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Bytes of files that fit.
    pub data: u64,
    /// Bytes on the disks that no chunk can use, because no other disk has a partner for them.
    pub stranded: u64,
    /// How many disks can fail at once without loss.
    pub may_fail: usize,
    /// Bytes of files that fit once the largest disk is gone and everything is mirrored again on the others;
    /// `None` where too few disks are left for the profile.
    pub without_largest: Option<u64>,
}

/// What disks of these sizes give.
#[must_use]
pub fn capacity(sizes: &[u64], data: Profile, metadata: Profile) -> Capacity {
    let whole = fill(sizes, data, metadata, METADATA_PER_THOUSAND);
    let mut fewer = sizes.to_vec();
    if let Some(largest) = (0..fewer.len()).max_by_key(|index| fewer[*index]) {
        fewer.remove(largest);
    }
    let may_fail = Arrangement::of(data)
        .may_fail()
        .min(Arrangement::of(metadata).may_fail());
    let degraded = fill(&fewer, data, metadata, METADATA_PER_THOUSAND).data;
    Capacity {
        data: whole.data,
        stranded: whole.unallocated.iter().sum(),
        may_fail: may_fail.min(sizes.len().saturating_sub(1)),
        without_largest: (may_fail > 0 && degraded > 0).then_some(degraded),
    }
}

/// What is kept free of data of so much: a tenth, at most 50 GiB, at least two chunks of 1 GiB where that is not
/// more than a quarter.
#[must_use]
pub fn reserve(data: u64) -> u64 {
    const GIB: u64 = 1 << 30;
    (data / 10).min(50 * GIB).max((2 * GIB).min(data / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;
    const TIB: u64 = 1 << 40;

    #[test]
    fn a_mirror_on_unequal_disks_is_as_large_as_the_smaller_one() {
        let mirror = capacity(&[4 * TIB, TIB], Profile::Raid1, Profile::Raid1);
        assert!(
            mirror.data > TIB * 98 / 100 && mirror.data < TIB,
            "{mirror:?}"
        );
        assert!(mirror.stranded > 3 * TIB - GIB, "{mirror:?}");
        assert_eq!((mirror.may_fail, mirror.without_largest), (1, None));
    }

    #[test]
    fn three_unequal_disks_mirror_in_pairs() {
        let mirror = capacity(&[2 * TIB, TIB, TIB], Profile::Raid1, Profile::Raid1);
        assert!(mirror.data > 2 * TIB * 98 / 100 && mirror.data < 2 * TIB);
        assert!(mirror.stranded < 8 * GIB, "{mirror:?}");
        let after = mirror.without_largest.unwrap();
        assert!(after > TIB * 98 / 100 && after < TIB, "{mirror:?}");
    }

    #[test]
    fn one_copy_uses_everything_and_survives_nothing() {
        let single = capacity(&[4 * TIB, TIB], Profile::Single, Profile::Raid1);
        assert!(single.data > 5 * TIB * 97 / 100);
        assert_eq!((single.may_fail, single.without_largest), (0, None));
    }

    #[test]
    fn disks_that_nobody_builds_take_no_longer() {
        let huge = capacity(
            &[1 << 62, 1 << 61, 1 << 61],
            Profile::Raid1,
            Profile::Raid1c3,
        );
        assert!(huge.data > 1 << 61, "{huge:?}");
    }

    #[test]
    fn a_profile_without_enough_disks_gives_nothing() {
        assert_eq!(
            capacity(&[TIB, TIB], Profile::Raid1c3, Profile::Raid1).data,
            0
        );
        assert_eq!(capacity(&[], Profile::Single, Profile::Dup).data, 0);
    }

    #[test]
    fn the_reserve_is_neither_everything_nor_nothing() {
        assert_eq!(reserve(4 * TIB), 50 * GIB);
        assert_eq!(reserve(100 * GIB), 10 * GIB);
        assert_eq!(reserve(10 * GIB), 2 * GIB);
        assert_eq!(reserve(4 * GIB), GIB);
    }
}
