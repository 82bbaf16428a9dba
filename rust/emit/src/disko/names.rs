//! Names of disks, partitions and LUKS containers; they must be the same at every planning, because
//! the mount table of an installed host names devices by them.

use podman_btrfs_core::units::FilesystemName;

/// How many characters a GPT partition's name has room for.
const LABEL_LENGTH: usize = 36;

/// disko's name of a filesystem's disk, counted from 1: `tank-1`, and `tank-01` where there are ten.
#[must_use]
pub fn disk_name(filesystem: &FilesystemName, number: usize, count: usize) -> String {
    let width = count.to_string().len();
    format!("{filesystem}-{number:0width$}")
}

/// Name of the LUKS container on a disk: `/dev/mapper/tank-1`.
#[must_use]
pub fn mapper_name(filesystem: &FilesystemName, number: usize, count: usize) -> String {
    disk_name(filesystem, number, count)
}

/// GPT name of a disk's partition (`data` or `esp`): `/dev/disk/by-partlabel/tank-1-data`.
///
/// A name that has no room is cut, and told apart from others by a hash of the whole.
#[must_use]
pub fn partition_label(disk: &str, partition: &str) -> String {
    let label = format!("{disk}-{partition}");
    if label.len() <= LABEL_LENGTH {
        return label;
    }
    let hash = format!("-{:016x}", fnv1a(&label));
    let kept: String = label.chars().take(LABEL_LENGTH - hash.len()).collect();
    kept + &hash
}

/// FNV-1a with 64 bits: it only has to tell a handful of names apart, the same way for ever.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::units::Text;

    use super::*;

    fn filesystem(name: &str) -> FilesystemName {
        FilesystemName::parse(name).unwrap()
    }

    #[test]
    fn disks_are_in_order_as_text_however_many_there_are() {
        for count in [1, 2, 9, 10, 11, 100] {
            let names: Vec<_> = (1..=count)
                .map(|number| disk_name(&filesystem("tank"), number, count))
                .collect();
            assert!(names.is_sorted(), "{names:?}");
        }
    }

    #[test]
    fn disks_of_filesystems_with_like_names_differ() {
        let names: std::collections::BTreeSet<_> = ["a", "a-1", "a-1-1", "a-01"]
            .iter()
            .flat_map(|name| (1..=12).map(|number| disk_name(&filesystem(name), number, 12)))
            .collect();
        assert_eq!(names.len(), 4 * 12);
    }

    #[test]
    fn a_label_fits_its_field_and_stays_the_same() {
        let long = "x".repeat(64);
        let label = partition_label(&disk_name(&filesystem(&long), 1, 2), "data");
        assert_eq!(label, "xxxxxxxxxxxxxxxxxxx-331f097bddf570e2");
        assert_ne!(
            label,
            partition_label(&disk_name(&filesystem(&long), 2, 2), "data")
        );
        assert_eq!(partition_label("tank-1", "data"), "tank-1-data");
    }
}
