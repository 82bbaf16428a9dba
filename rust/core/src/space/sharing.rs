//! Who holds which extents of data, and what would be given back if somebody let go.
//!
//! Btrfs gives an extent back when nobody refers to any part of it any more. So what a volume takes alone is the sum of
//! the extents that nobody else refers to, and what snapshots cost is the sum of those that only snapshots refer to:
//! both as they lie on the disk, compressed, before the profile's copies.

/// Who may refer to extents: a volume, all snapshots of a series, anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Whose it is: a workload's volumes and snapshots are one group.
    pub group: Option<usize>,
    /// Whether it is of snapshots.
    pub is_snapshots: bool,
}

/// An extent of data, as it lies on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent {
    /// Where it begins in the filesystem's own address space.
    pub address: u64,
    /// Bytes that it takes on the disk, before the profile's copies.
    pub stored: u64,
    /// Bytes that it is without compression.
    pub uncompressed: u64,
}

/// What one holder has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Bytes on the disk of all extents that it refers to, each counted once.
    pub stored: u64,
    /// The same without compression.
    pub uncompressed: u64,
    /// Bytes on the disk of those that nobody else refers to.
    pub exclusive: u64,
}

/// What a group has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupShare {
    /// What its holders refer to together, and what they alone refer to.
    pub share: Share,
    /// Bytes on the disk that only its snapshots refer to: what deleting all of them gives back.
    pub snapshots: u64,
}

/// What everybody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Of each holder, in their order.
    pub holders: Vec<Share>,
    /// Of each group, in their order.
    pub groups: Vec<GroupShare>,
    /// Bytes on the disk of all extents.
    pub stored: u64,
}

/// What holders refer to, collected piece by piece.
#[derive(Debug, Default)]
pub struct Held {
    holders: Vec<Holder>,
    extents: Vec<Vec<Extent>>,
    /// How many of each had been told apart when they were last looked at.
    distinct: Vec<usize>,
}

/// Fewer than this are not worth telling apart before the end.
const FEW: usize = 4096;

impl Held {
    /// Adds a holder and gives its number.
    pub fn holder(&mut self, holder: Holder) -> usize {
        self.holders.push(holder);
        self.extents.push(Vec::new());
        self.distinct.push(0);
        self.holders.len() - 1
    }

    /// Takes note that a holder refers to an extent, however often.
    pub fn refer(&mut self, holder: usize, extent: Extent) {
        let (Some(extents), Some(distinct)) =
            (self.extents.get_mut(holder), self.distinct.get_mut(holder))
        else {
            return;
        };
        extents.push(extent);
        // Snapshots of one series refer to the same again and again: what is kept stays within twice what differs.
        if extents.len() > FEW.max(distinct.saturating_mul(2)) {
            extents.sort_unstable();
            extents.dedup();
            *distinct = extents.len();
        }
    }

    /// What everybody has.
    #[must_use]
    pub fn sharing(self) -> Sharing {
        let groups = self.holders.iter().filter_map(|holder| holder.group).max();
        let mut sharing = Sharing {
            holders: vec![Share::default(); self.holders.len()],
            groups: vec![GroupShare::default(); groups.map_or(0, |most| most + 1)],
            stored: 0,
        };
        let mut all: Vec<(Extent, usize)> = Vec::new();
        for (holder, extents) in self.extents.into_iter().enumerate() {
            all.extend(extents.into_iter().map(|extent| (extent, holder)));
        }
        all.sort_unstable();
        all.dedup();
        for of_one in all.chunk_by(|(one, _), (other, _)| one == other) {
            sharing.add(of_one, &self.holders);
        }
        sharing
    }
}

impl Sharing {
    /// One extent with everybody who refers to it, each once.
    fn add(&mut self, of_one: &[(Extent, usize)], holders: &[Holder]) {
        let Some((extent, _)) = of_one.first() else {
            return;
        };
        let numbers: Vec<usize> = of_one.iter().map(|(_, holder)| *holder).collect();
        let of = |number: &usize| holders.get(*number).copied().unwrap_or_default();
        add(&mut self.stored, extent.stored);
        for number in &numbers {
            if let Some(share) = self.holders.get_mut(*number) {
                share.add(extent, numbers.len() == 1);
            }
        }
        let only_snapshots = numbers.iter().all(|number| of(number).is_snapshots);
        let mut groups: Vec<Option<usize>> =
            numbers.iter().map(|number| of(number).group).collect();
        groups.sort_unstable();
        groups.dedup();
        for number in groups.iter().flatten() {
            let Some(group) = self.groups.get_mut(*number) else {
                continue;
            };
            let alone = groups.len() == 1;
            group.share.add(extent, alone);
            if alone && only_snapshots {
                add(&mut group.snapshots, extent.stored);
            }
        }
    }
}

impl Share {
    fn add(&mut self, extent: &Extent, alone: bool) {
        add(&mut self.stored, extent.stored);
        add(&mut self.uncompressed, extent.uncompressed);
        if alone {
            add(&mut self.exclusive, extent.stored);
        }
    }
}

/// No disks hold so much that it would not fit.
fn add(sum: &mut u64, bytes: u64) {
    *sum = sum.saturating_add(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(address: u64, stored: u64) -> Extent {
        Extent {
            address,
            stored,
            uncompressed: 2 * stored,
        }
    }

    /// A volume and its snapshots in group 0, another volume in group 1, and somebody in none.
    fn four() -> (Held, [usize; 4]) {
        let mut held = Held::default();
        let of = |group, is_snapshots| Holder {
            group,
            is_snapshots,
        };
        let holders = [
            of(Some(0), false),
            of(Some(0), true),
            of(Some(1), false),
            of(None, false),
        ];
        let numbers = holders.map(|holder| held.holder(holder));
        (held, numbers)
    }

    #[test]
    fn what_nobody_else_refers_to_is_given_back() {
        let (mut held, [volume, snapshots, other, nobody]) = four();
        held.refer(volume, extent(1, 1));
        held.refer(volume, extent(2, 10));
        held.refer(snapshots, extent(2, 10));
        held.refer(snapshots, extent(3, 100));
        held.refer(volume, extent(4, 1000));
        held.refer(other, extent(4, 1000));
        held.refer(snapshots, extent(5, 10_000));
        held.refer(nobody, extent(5, 10_000));
        let found = held.sharing();
        let stored: Vec<u64> = found.holders.iter().map(|share| share.stored).collect();
        assert_eq!(stored, [1011, 10_110, 1000, 10_000]);
        let exclusive: Vec<u64> = found.holders.iter().map(|share| share.exclusive).collect();
        assert_eq!(exclusive, [1, 100, 0, 0]);
        let shop = found.groups[0];
        assert_eq!((shop.share.stored, shop.share.exclusive), (11_111, 111));
        assert_eq!(shop.share.uncompressed, 22_222);
        assert_eq!(shop.snapshots, 100, "what somebody else refers to stays");
        assert_eq!(found.groups[1].share.exclusive, 0);
        assert_eq!(found.stored, 11_111);
    }

    #[test]
    fn an_extent_counts_once_however_often_it_is_referred_to() {
        let (mut held, [volume, snapshots, ..]) = four();
        for _ in 0..3 * FEW {
            held.refer(snapshots, extent(7, 5));
            held.refer(volume, extent(8, 3));
        }
        assert!(
            held.extents[snapshots].len() <= FEW + 1,
            "they are kept apart in time"
        );
        let found = held.sharing();
        assert_eq!((found.stored, found.groups[0].snapshots), (8, 5));
        assert_eq!(found.holders[volume].exclusive, 3);
    }

    #[test]
    fn nobody_holds_nothing() {
        assert_eq!(Held::default().sharing(), Sharing::default());
        let (held, _) = four();
        assert_eq!(held.sharing().groups, vec![GroupShare::default(); 2]);
    }
}
