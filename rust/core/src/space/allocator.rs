//! Giving out chunks until nothing is left.

use super::profile::Arrangement;
use crate::spec::Profile;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// The beginning of each device, which no chunk uses.
const RESERVED: u64 = MIB;
/// Stripes are whole multiples of this.
const STRIPE_LENGTH: u64 = 64 * KIB;
/// The chunk that tells where the others are.
const SYSTEM: u64 = 8 * MIB;
/// A chunk that would be larger than allowed is made of stripes of a multiple of this.
const CUT: u64 = 16 * MIB;
/// Where the disks hold more than this many gibibytes, chunks are taken larger than the kernel does, so that the
/// time it takes does not grow with the disks; what is left over is then off by less than a chunk of them.
const MOST_CHUNKS: u64 = 16 * KIB;

/// What has been given out when nothing more can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes of data that fit into the data chunks.
    pub data: u64,
    /// Bytes of metadata that fit into the metadata chunks.
    pub metadata: u64,
    /// Bytes on each device that belong to no chunk.
    pub unallocated: Vec<u64>,
}

/// Gives out data chunks, and metadata chunks ahead of them, so that there are `metadata_per_thousand` bytes of
/// metadata for each thousand of data; ends when a chunk of data finds no room.
#[must_use]
pub fn fill(sizes: &[u64], data: Profile, metadata: Profile, metadata_per_thousand: u64) -> Space {
    let mut devices = Devices::new(sizes);
    let mut space = Space {
        data: 0,
        metadata: 0,
        unallocated: Vec::new(),
    };
    let of_data = Kind::data(Arrangement::of(data), &devices);
    let of_metadata = Kind::metadata(Arrangement::of(metadata), &devices);
    let of_system = Kind {
        most_stripe: SYSTEM,
        most_chunk: SYSTEM,
        ..of_metadata
    };
    // What mkfs makes. Without room for it there is no filesystem.
    if devices.allocate(&of_system, Order::Last).is_some()
        && let Some(first) = devices.allocate(&of_metadata, Order::Last)
    {
        space.metadata = first;
        space.data = devices.allocate(&of_data, Order::Last).unwrap_or(0);
    }
    while space.data > 0 {
        let wanted = space.data / 1000 * metadata_per_thousand;
        if space.metadata <= wanted {
            space.metadata += devices.allocate(&of_metadata, Order::Emptiest).unwrap_or(0);
        }
        match devices.allocate(&of_data, Order::Emptiest) {
            Some(bytes) => space.data += bytes,
            None => break,
        }
    }
    space.unallocated = devices.free;
    space
}

/// Which devices a chunk takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Those with the most unallocated space, as the kernel chooses.
    Emptiest,
    /// The last ones in the order they were given, as `mkfs.btrfs` chooses.
    Last,
}

/// What chunks of data or of metadata look like on a filesystem.
#[derive(Clone, Copy)]
struct Kind {
    arrangement: Arrangement,
    most_stripe: u64,
    most_chunk: u64,
}

impl Kind {
    fn data(arrangement: Arrangement, devices: &Devices) -> Self {
        Self::new(arrangement, devices, 10 * GIB)
    }

    fn metadata(arrangement: Arrangement, devices: &Devices) -> Self {
        let chunk = if devices.total > 50 * GIB {
            GIB
        } else {
            256 * MIB
        };
        Self::new(arrangement, devices, chunk)
    }

    fn new(arrangement: Arrangement, devices: &Devices, chunk: u64) -> Self {
        let chunk = chunk.saturating_mul(devices.scale);
        Self {
            arrangement,
            most_stripe: chunk.min(GIB.saturating_mul(devices.scale)),
            // No chunk is larger than a tenth of the filesystem.
            most_chunk: chunk.min(devices.total / 10),
        }
    }
}

struct Devices {
    /// Unallocated bytes of each.
    free: Vec<u64>,
    total: u64,
    scale: u64,
}

impl Devices {
    fn new(sizes: &[u64]) -> Self {
        let total = sizes
            .iter()
            .fold(0_u64, |sum, size| sum.saturating_add(*size));
        Self {
            free: sizes
                .iter()
                .map(|size| size.saturating_sub(RESERVED) / (4 * KIB) * (4 * KIB))
                .collect(),
            total,
            scale: (total / GIB / MOST_CHUNKS).max(1),
        }
    }

    /// Takes a chunk and returns how many bytes it holds.
    fn allocate(&mut self, kind: &Kind, order: Order) -> Option<u64> {
        let Arrangement {
            on_each,
            fewest,
            most,
            step,
            copies,
        } = kind.arrangement;
        let want = kind.most_stripe.saturating_mul(on_each);
        let mut fitting: Vec<usize> = (0..self.free.len())
            .filter(|index| self.free[*index] >= STRIPE_LENGTH * on_each)
            .collect();
        match order {
            Order::Emptiest => fitting.sort_by_key(|index| std::cmp::Reverse(self.free[*index])),
            Order::Last => fitting.reverse(),
        }
        let count = (fitting.len() / step * step).min(most.unwrap_or(usize::MAX));
        if count < fewest {
            return None;
        }
        let free = fitting[..count].iter().map(|index| self.free[*index]);
        let narrowest = free.min()?.min(want) / on_each;
        let holding = u64::try_from(count).ok()? * on_each / copies;
        let mut stripe = narrowest;
        if stripe.saturating_mul(holding) > kind.most_chunk {
            stripe = (kind.most_chunk / holding)
                .next_multiple_of(CUT)
                .min(narrowest);
        }
        stripe = stripe / STRIPE_LENGTH * STRIPE_LENGTH;
        if stripe == 0 {
            return None;
        }
        for index in &fitting[..count] {
            self.free[*index] -= stripe * on_each;
        }
        Some(stripe * holding)
    }
}
