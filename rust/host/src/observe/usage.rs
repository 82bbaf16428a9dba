//! `btrfs filesystem usage --raw`: what is given out in chunks, and what is not.

use podman_btrfs_core::observed::{Chunks, Space};
use podman_btrfs_core::spec::Profile;

use crate::system::{Fault, System};

/// Looks at the filesystem that is mounted at a place.
///
/// # Errors
/// When the program fails, or what it printed is not understood.
pub fn look(system: &dyn System, place: &str) -> Result<Space, Fault> {
    let printed = system.run("btrfs", &["filesystem", "usage", "--raw", "--", place])?;
    parse(&printed.stdout).ok_or_else(|| {
        Fault::Unexpected(format!(
            "`btrfs filesystem usage --raw {place}` printed something that is not understood; it needs root, and chunks of data apart from metadata"
        ))
    })
}

/// Reads what `btrfs filesystem usage --raw` printed; `None` where anything of it is missing.
#[must_use]
pub fn parse(printed: &str) -> Option<Space> {
    let overall = |key: &str| {
        let mut lines = printed.lines();
        // Behind the number there may be more: `5767168\t(used: 0)`.
        let number = |line: &str| {
            line.trim()
                .strip_prefix(key)?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        };
        lines.find_map(number)
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
    let (data, metadata, system) = (of("Data,")?, of("Metadata,")?, of("System,")?);
    // Mixed chunks, or a caller who may not see them.
    if data.is_empty() || metadata.is_empty() || unallocated.is_empty() {
        return None;
    }
    // No disks hold so much: what cannot be added up was not told by this program.
    let sizes = data.iter().chain(&metadata).map(|chunks| chunks.size);
    let mut all = unallocated.iter().copied().chain(sizes);
    all.try_fold(0_u64, u64::checked_add)?;
    Some(Space {
        device_size,
        missing: overall("Device missing:"),
        unallocated,
        data,
        metadata,
        system,
        global_reserve: overall("Global reserve:"),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "Overall:
    Device size:\t\t        2147483648
    Device allocated:\t\t         446169088
    Device unallocated:\t\t        1701314560
    Device missing:\t\t                 0
    Global reserve:\t\t           3407872\t(used: 0)
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
        let usage = parse(PRINTED).unwrap();
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
        assert_eq!(usage.system[0].size, 8_388_608);
        assert_eq!(usage.global_reserve, Some(3_407_872));
        // A second copy finds no more room than the second device has.
        assert_eq!(usage.room(), 650_657_280);
        assert_eq!(usage.capacity(), 1 << 30);
    }

    #[test]
    fn what_cannot_be_added_up_is_unknown() {
        let most = u64::MAX.to_string();
        assert_eq!(
            parse(&PRINTED.replace("850657280\n", &format!("{most}\n"))),
            None
        );
    }

    #[test]
    fn what_is_missing_is_unknown() {
        for gone in ["Device size", "Unallocated:", "Data,RAID1", "Metadata,"] {
            assert_eq!(parse(&PRINTED.replace(gone, "x")), None, "{gone}");
        }
        for (known, strange) in [("850657280\n", "N/A\n"), ("Data,RAID1", "Data,RAID6")] {
            assert_eq!(parse(&PRINTED.replace(known, strange)), None);
        }
    }
}
