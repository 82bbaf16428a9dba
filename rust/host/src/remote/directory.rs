//! The subvolumes that lie directly in a directory, here or there.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::observed::ObservedSubvolume;

use crate::observe::mountinfo::{self, MountInfo, covering};
use crate::observe::subvolumes;
use crate::system::{Fault, System};

/// Why a directory is not that of a Btrfs; or where it lies below the top level, with a slash before and none behind, and its mount.
pub(super) fn place<'m>(
    mounts: &'m [MountInfo],
    directory: &Path,
) -> Result<(String, &'m MountInfo), String> {
    let shown = directory.display();
    let mount = covering(mounts, directory).ok_or_else(|| format!("{shown} is in no mount"))?;
    if mount.kind != "btrfs" {
        return Err(format!(
            "{shown} lies on {} ({}), not on a Btrfs",
            mount.mount_point, mount.kind
        ));
    }
    let below = directory
        .strip_prefix(&mount.mount_point)
        .map_err(|_| format!("{shown} is in no mount"))?;
    let path = Path::new(&mount.root).join(below);
    let path = path.to_string_lossy();
    Ok((path.trim_end_matches('/').to_owned(), mount))
}

/// By name, from the two lists of [`subvolumes::look`].
pub(super) fn inside(
    place: &str,
    all: &str,
    read_only: &str,
) -> Result<BTreeMap<String, ObservedSubvolume>, Fault> {
    let parsed = subvolumes::parse(all, read_only).map_err(|why| {
        Fault::Unexpected(format!(
            "`btrfs subvolume list` printed something that is not understood: {}",
            why.escape_debug()
        ))
    })?;
    let prefix = format!("{}/", place.trim_start_matches('/'));
    let prefix = if prefix == "/" { "" } else { &prefix };
    let direct = parsed.into_iter().filter_map(|(path, subvolume)| {
        let name = path.strip_prefix(prefix)?;
        (!name.contains('/')).then(|| (name.to_owned(), subvolume))
    });
    Ok(direct.collect())
}

/// Reads `/proc/self/mountinfo` of wherever it was read.
pub(super) fn mounts(text: &str) -> Result<Vec<MountInfo>, Fault> {
    mountinfo::parse(text)
        .map_err(|line| Fault::Unexpected(format!("/proc/self/mountinfo holds `{line}`")))
}

/// By name, of a directory of this host; one that is not of a Btrfs is a fault.
pub(super) fn here(
    system: &dyn System,
    directory: &Path,
) -> Result<BTreeMap<String, ObservedSubvolume>, Fault> {
    let mounts = mountinfo::read(system)?;
    let (place, _) = place(&mounts, directory).map_err(Fault::Unexpected)?;
    let shown = directory.to_string_lossy();
    let list = |options: &[&str]| {
        let all = [&["subvolume", "list", "-a"], options, &["--", &shown]].concat();
        system.run("btrfs", &all).map(|printed| printed.stdout)
    };
    inside(&place, &list(&["-p", "-u", "-q", "-R"])?, &list(&["-r"])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    const MOUNTS: &str = "22 1 254:0 / / rw - ext4 /dev/vda rw\n\
        90 22 0:45 /@backup /srv/backup rw - btrfs /dev/vdb rw\n";
    const ALL: &str = "ID 256 gen 7 parent 5 top level 5 parent_uuid - received_uuid - uuid a path <FS_TREE>/@backup\n\
        ID 257 gen 7 parent 256 top level 256 parent_uuid - received_uuid - uuid b path @backup/shop/one\n\
        ID 258 gen 7 parent 257 top level 257 parent_uuid - received_uuid - uuid c path @backup/shop/one/deeper\n\
        ID 259 gen 7 parent 256 top level 256 parent_uuid - received_uuid - uuid d path @backup/shopping\n";

    #[test]
    fn only_what_lies_directly_in_it() {
        let mounts = mounts(MOUNTS).unwrap();
        let (place, _) = place(&mounts, Path::new("/srv/backup/shop")).unwrap();
        assert_eq!(place, "/@backup/shop");
        let found = inside(&place, ALL, "").unwrap();
        let names: Vec<_> = found.keys().map(String::as_str).collect();
        assert_eq!(names, ["one"]);
        assert_eq!(inside("", ALL, "").unwrap().len(), 1);
        assert_eq!(inside("/@backup", ALL, "").unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_btrfs_is_said_to_be_none() {
        let mounts = mounts(MOUNTS).unwrap();
        let said = place(&mounts, Path::new("/mnt/usb")).unwrap_err();
        assert_eq!(said, "/mnt/usb lies on / (ext4), not on a Btrfs");
    }

    #[test]
    fn what_a_target_lists_of_any_kind() {
        damage::each(&[MOUNTS], |text| {
            if let Ok(mounts) = mounts(text) {
                drop(place(&mounts, Path::new("/srv/backup/shop")));
            }
        });
        damage::each(&[ALL], |text| {
            if let Ok(found) = inside("/@backup/shop", text, "") {
                assert!(found.keys().all(|name| !name.contains('/')));
            }
        });
    }
}
