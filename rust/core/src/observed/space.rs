//! How the space of a filesystem is given out: what is in chunks, and what is not.

use serde::{Deserialize, Serialize};

use crate::space;
use crate::spec::Profile;

/// How the space of a filesystem is given out, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Space {
    /// All devices together.
    pub device_size: u64,
    /// Devices that are gone; absent where it is not told.
    pub missing: Option<u64>,
    /// What belongs to no chunk, on each device.
    pub unallocated: Vec<u64>,
    /// Chunks of data; more than one line while a conversion is under way, or after one that did not end.
    pub data: Vec<Chunks>,
    /// Chunks of metadata.
    pub metadata: Vec<Chunks>,
    /// Chunks of the chunk tree.
    pub system: Vec<Chunks>,
    /// What of metadata is kept back for deleting and for what cannot wait; absent where it is not told.
    pub global_reserve: Option<u64>,
}

/// The chunks of one kind and profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chunks {
    /// Their profile.
    pub profile: Profile,
    /// What fits into them.
    pub size: u64,
    /// What is in them.
    pub used: u64,
}

impl Chunks {
    /// What still fits into them.
    #[must_use]
    pub const fn free(&self) -> u64 {
        self.size.saturating_sub(self.used)
    }
}

impl Space {
    /// How much data there is.
    #[must_use]
    pub fn data_used(&self) -> u64 {
        let used = self.data.iter().map(|chunks| chunks.used);
        used.fold(0, u64::saturating_add)
    }

    /// How much data still fits into the chunks that there are.
    #[must_use]
    pub fn data_free(&self) -> u64 {
        let free = self
            .data
            .iter()
            .map(|all| all.size.saturating_sub(all.used));
        free.fold(0, u64::saturating_add)
    }

    /// How much data new chunks could hold: of the profile that takes most.
    #[must_use]
    pub fn room(&self) -> u64 {
        let of = |chunks: &Chunks| room(&self.unallocated, chunks.profile);
        self.data.iter().map(of).min().unwrap_or(0)
    }

    /// How much of that should be left: as planned, else by the size.
    #[must_use]
    pub fn wanted(&self, planned: Option<u64>) -> u64 {
        planned.unwrap_or_else(|| space::reserve(self.capacity()))
    }

    /// How much data all devices could hold.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        let copies = self.data.iter().map(|chunks| chunks.profile.copies()).max();
        self.device_size / copies.unwrap_or(1)
    }

    /// How much data fits into what there is of its chunks, and into new ones.
    #[must_use]
    pub fn data_left(&self) -> u64 {
        let free = self.data.iter().map(Chunks::free);
        free.sum::<u64>().saturating_add(self.room())
    }

    /// Less room than this is little on any filesystem: 1 GiB, which the deletion of a few snapshots needs of metadata, or a
    /// fiftieth of the devices where that is less (our choice).
    #[must_use]
    pub fn little(&self) -> u64 {
        (1 << 30).min(self.device_size / 50)
    }

    /// How much metadata fits into what there is of its chunks, besides the global reserve, and into new ones.
    #[must_use]
    pub fn metadata_left(&self) -> u64 {
        let inside = self.metadata.iter().map(Chunks::free).sum::<u64>();
        let of = |chunks: &Chunks| room(&self.unallocated, chunks.profile);
        let outside = self.metadata.iter().map(of).min().unwrap_or(0);
        inside
            .saturating_sub(self.global_reserve.unwrap_or(0))
            .saturating_add(outside)
    }
}

/// What so much unallocated space holds, each copy on a device of its own: the devices with the most of it wait
/// for the others.
fn room(unallocated: &[u64], profile: Profile) -> u64 {
    if profile == Profile::Dup {
        return unallocated.iter().sum::<u64>() / 2;
    }
    let mut rising = unallocated.to_vec();
    rising.sort_unstable();
    (1..=profile.copies())
        .rev()
        .map(|copies| {
            let bytes = rising.iter().sum::<u64>() / copies;
            rising.pop();
            bytes
        })
        .min()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_lie_on_devices_of_their_own() {
        assert_eq!(room(&[30, 10, 10], Profile::Single), 50);
        assert_eq!(room(&[30, 10, 10], Profile::Raid1), 20);
        assert_eq!(room(&[30, 30, 10], Profile::Raid1), 35);
        assert_eq!(room(&[30, 30, 10], Profile::Raid1c3), 10);
        assert_eq!(room(&[30], Profile::Raid1), 0);
        assert_eq!(room(&[30], Profile::Dup), 15);
    }

    #[test]
    fn what_is_kept_back_is_not_left_for_metadata() {
        let metadata = Chunks {
            profile: Profile::Raid1,
            size: 100,
            used: 60,
        };
        let space = Space {
            device_size: 1000,
            missing: None,
            unallocated: vec![8, 5],
            data: Vec::new(),
            metadata: vec![metadata],
            system: Vec::new(),
            global_reserve: Some(30),
        };
        assert_eq!(space.metadata_left(), 10 + 5);
    }
}
