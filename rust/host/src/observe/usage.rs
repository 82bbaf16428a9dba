//! `btrfs filesystem usage --raw`: what is given out in chunks, and what is not.

use podman_btrfs_core::space;
use podman_btrfs_core::spec::Profile;

use crate::system::{Fault, System};

/// How the space of a filesystem is given out, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// All devices together.
    pub device_size: u64,
    /// Devices that are gone; `None` where it is not told.
    pub missing: Option<u64>,
    /// What belongs to no chunk, on each device.
    pub unallocated: Vec<u64>,
    /// Chunks of data; more than one line while a conversion is under way.
    pub data: Vec<Chunks>,
    /// Chunks of metadata.
    pub metadata: Vec<Chunks>,
}

/// The chunks of one kind and profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunks {
    /// Their profile.
    pub profile: Profile,
    /// What fits into them.
    pub size: u64,
    /// What is in them.
    pub used: u64,
}

impl Usage {
    /// Looks at the filesystem that is mounted at a place.
    ///
    /// # Errors
    /// When the program fails, or what it printed is not understood.
    pub fn look(system: &dyn System, place: &str) -> Result<Self, Fault> {
        let printed = system.run("btrfs", &["filesystem", "usage", "--raw", "--", place])?;
        Self::parse(&printed.stdout).ok_or_else(|| {
            Fault::Unexpected(format!(
                "`btrfs filesystem usage --raw {place}` printed something that is not understood; it needs root, and chunks of data apart from metadata"
            ))
        })
    }

    /// Reads what `btrfs filesystem usage --raw` printed; `None` where anything of it is missing.
    #[must_use]
    pub fn parse(printed: &str) -> Option<Self> {
        let overall = |key: &str| {
            let mut lines = printed.lines();
            lines.find_map(|line| line.trim().strip_prefix(key)?.trim().parse().ok())
        };
        let device_size = overall("Device size:")?;
        let (_, below) = printed.split_once("\nUnallocated:\n")?;
        let unallocated = below
            .lines()
            .map(str::trim)
            .take_while(|line| !line.is_empty())
            .map(|line| line.rsplit_once(char::is_whitespace)?.1.parse().ok())
            .collect::<Option<Vec<u64>>>()?;
        let of = |kind: &str| {
            let lines = printed.lines().filter_map(|line| line.strip_prefix(kind));
            lines.map(chunks).collect::<Option<Vec<_>>>()
        };
        let (data, metadata) = (of("Data,")?, of("Metadata,")?);
        // Mixed chunks, or a caller who may not see them.
        if data.is_empty() || metadata.is_empty() || unallocated.is_empty() {
            return None;
        }
        Some(Self {
            device_size,
            missing: overall("Device missing:"),
            unallocated,
            data,
            metadata,
        })
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
}

/// `single: Size:8388608, Used:0 (0.00%)`
fn chunks(line: &str) -> Option<Chunks> {
    let (profile, rest) = line.split_once(": Size:")?;
    let (size, rest) = rest.split_once(", Used:")?;
    let used = rest.split_once(' ').map_or(rest, |(used, _)| used);
    let profiles = [
        Profile::Single,
        Profile::Dup,
        Profile::Raid0,
        Profile::Raid1,
        Profile::Raid1c3,
        Profile::Raid1c4,
        Profile::Raid10,
    ];
    Some(Chunks {
        profile: profiles
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(profile))?,
        size: size.parse().ok()?,
        used: used.parse().ok()?,
    })
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

    const PRINTED: &str = "Overall:
    Device size:\t\t        2147483648
    Device allocated:\t\t         446169088
    Device unallocated:\t\t        1701314560
    Device missing:\t\t                 0
    Used:\t\t\t            294912

Data,RAID1: Size:107347968, Used:65536 (0.06%)
   /dev/loop0\t 107347968
   /dev/loop1\t 107347968

Metadata,RAID1: Size:107347968, Used:131072 (0.12%)
   /dev/loop0\t 107347968
   /dev/loop1\t 107347968

System,RAID1: Size:8388608, Used:16384 (0.20%)
   /dev/loop0\t   8388608

Unallocated:
   /dev/loop0\t 850657280
   /dev/mapper/a name\t 650657280
";

    #[test]
    fn what_is_printed_is_read() {
        let usage = Usage::parse(PRINTED).unwrap();
        assert_eq!(usage.device_size, 2_147_483_648);
        assert_eq!(usage.missing, Some(0));
        assert_eq!(usage.unallocated, [850_657_280, 650_657_280]);
        let data = Chunks {
            profile: Profile::Raid1,
            size: 107_347_968,
            used: 65_536,
        };
        assert_eq!(usage.data, [data]);
        assert_eq!(usage.metadata[0].used, 131_072);
        // A second copy finds no more room than the second device has.
        assert_eq!(usage.room(), 650_657_280);
        assert_eq!(usage.capacity(), 1 << 30);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        for gone in ["Device size", "Unallocated:", "Data,RAID1", "Metadata,"] {
            assert_eq!(Usage::parse(&PRINTED.replace(gone, "x")), None, "{gone}");
        }
        for (known, strange) in [("850657280\n", "N/A\n"), ("Data,RAID1", "Data,RAID6")] {
            assert_eq!(Usage::parse(&PRINTED.replace(known, strange)), None);
        }
    }

    #[test]
    fn copies_lie_on_devices_of_their_own() {
        assert_eq!(room(&[30, 10, 10], Profile::Single), 50);
        assert_eq!(room(&[30, 10, 10], Profile::Raid1), 20);
        assert_eq!(room(&[30, 30, 10], Profile::Raid1), 35);
        assert_eq!(room(&[30, 30, 10], Profile::Raid1c3), 10);
        assert_eq!(room(&[30], Profile::Raid1), 0);
        assert_eq!(room(&[30], Profile::Dup), 15);
    }
}
