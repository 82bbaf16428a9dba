//! What a profile asks of the devices.

use crate::spec::Profile;

/// How the chunks of a profile lie on devices: the kernel's table of RAID attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// Stripes on each device.
    pub on_each: u64,
    /// The fewest devices.
    pub fewest: usize,
    /// The most devices; absent: all that have room.
    pub most: Option<usize>,
    /// Devices are added so many at a time.
    pub step: usize,
    /// Copies of each byte.
    pub copies: u64,
}

impl Arrangement {
    /// The arrangement of a profile.
    #[must_use]
    pub const fn of(profile: Profile) -> Self {
        match profile {
            Profile::Single => Self::fixed(1, 1, 1),
            Profile::Dup => Self::fixed(2, 1, 2),
            Profile::Raid1 => Self::fixed(1, 2, 2),
            Profile::Raid1c3 => Self::fixed(1, 3, 3),
            Profile::Raid1c4 => Self::fixed(1, 4, 4),
            // Since Linux 5.15 one device is enough for a stripe, and two for a mirrored one.
            Profile::Raid0 => Self::striped(1, 1),
            Profile::Raid10 => Self::striped(2, 2),
        }
    }

    /// How many devices can fail at once, whichever they are.
    #[must_use]
    pub const fn may_fail(self) -> usize {
        match (self.most, self.copies) {
            // A second copy on the same device helps against bad sectors only.
            (Some(1), _) | (_, 0 | 1) => 0,
            (_, 2) => 1,
            (_, 3) => 2,
            _ => 3,
        }
    }

    const fn fixed(on_each: u64, devices: usize, copies: u64) -> Self {
        Self {
            on_each,
            fewest: devices,
            most: Some(devices),
            step: devices,
            copies,
        }
    }

    const fn striped(step: usize, copies: u64) -> Self {
        Self {
            on_each: 1,
            fewest: step,
            most: None,
            step,
            copies,
        }
    }
}
