//! The mount table, as `fstab(5)` has it.

use std::fmt::Write;

use podman_btrfs_core::plan::{FilesystemPlan, Mount, Plan};

use crate::plain::plain;
use crate::{Artefact, EmitError};

const PATH: &str = "fstab";
const HEADER: &str =
    "# Written by podman-btrfs from its plan: the mounts of its filesystems, parents first.\n";

/// `fstab`, where there is anything to mount.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let mut mounts: Vec<(&FilesystemPlan, &Mount)> = plan
        .filesystems
        .values()
        .flat_map(|filesystem| {
            filesystem
                .mounts
                .iter()
                .map(move |mount| (filesystem, mount))
        })
        .collect();
    if mounts.is_empty() {
        return Ok(Vec::new());
    }
    // By component: `/srv-old` sorts before `/srv/tank` as text, and `/` before both either way.
    mounts.sort_by(|(_, a), (_, b)| components(a).cmp(components(b)));
    let mut text = HEADER.to_owned();
    for (filesystem, mount) in mounts {
        let device = plain(PATH, "the device", filesystem.device.as_str())?;
        let mount_point = plain(PATH, "the mount point", mount.mount_point.as_str())?;
        let options = mount.options.join(",");
        let options = plain(PATH, "the options", &options)?;
        // The last two: nothing dumps it, and btrfs has no check at boot.
        let _ = writeln!(text, "{device} {mount_point} btrfs {options} 0 0");
    }
    // Behind all mounts, as it lies on one of them.
    for swap in plan
        .filesystems
        .values()
        .filter_map(|one| one.swap.as_ref())
    {
        let file = plain(PATH, "the swap file", swap.path.as_str())?;
        let _ = writeln!(text, "{file} none swap defaults 0 0");
    }
    Ok(vec![Artefact {
        path: PATH.into(),
        text,
    }])
}

fn components(mount: &Mount) -> impl Iterator<Item = &str> {
    mount
        .mount_point
        .as_str()
        .split('/')
        .filter(|component| !component.is_empty())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::fixtures::{artefact, parse, raid1_luks_system, single_disk};

    #[test]
    fn parents_are_mounted_before_what_is_below_them() {
        expect![[r#"
            # Written by podman-btrfs from its plan: the mounts of its filesystems, parents first.
            /dev/disk/by-label/tank / btrfs noatime,compress=zstd:1,subvol=@root 0 0
            /dev/disk/by-label/tank /srv/tank btrfs noatime,compress=zstd:1,subvol=@volumes 0 0
            /dev/disk/by-label/tank /srv/tank/.snapshots btrfs noatime,compress=zstd:1,subvol=@snapshots 0 0
            /dev/disk/by-label/tank /var/lib/containers btrfs noatime,compress=zstd:1,subvol=@podman 0 0
            /dev/disk/by-label/tank /var/log btrfs noatime,compress=zstd:1,subvol=@log 0 0
        "#]].assert_eq(&artefact(&raid1_luks_system(), PATH));
    }

    #[test]
    fn an_option_that_would_end_its_field_is_refused() {
        let mut plan = single_disk();
        plan.filesystems.get_mut(&parse("tank")).unwrap().mounts[0]
            .options
            .push("a b".into());
        assert!(emit(&plan).is_err());
    }
}
