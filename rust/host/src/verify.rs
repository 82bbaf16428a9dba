//! Holds a mounted filesystem against the plan: mounts as the kernel reports them, attributes as a probe
//! file gets them.

use std::path::{Path, PathBuf};

use podman_btrfs_core::drift::{options_not_in_effect, options_not_planned};
use podman_btrfs_core::plan::{Mount, Plan, VolumePlan};
use podman_btrfs_core::spec::Compression;
use podman_btrfs_core::units::HostPath;
use serde::Serialize;

use crate::observe::mountinfo::{self, MountInfo};
use crate::system::{Fault, System};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// What: a mount point or the host path of a volume.
    pub subject: String,
    /// What was found, in words.
    pub found: String,
    /// What is wrong with it; absent when it is as planned.
    pub wrong: Option<String>,
}

/// Looks at every mount and every volume of the plan below `root` (`/` on a host).
///
/// # Errors
/// When something could not be looked at.
pub fn verify(plan: &Plan, system: &dyn System, root: &Path) -> Result<Vec<Checked>, Fault> {
    let mounts = mountinfo::read(system)?;
    let mut checked = Vec::new();
    for filesystem in plan.filesystems.values() {
        checked.extend(
            filesystem
                .mounts
                .iter()
                .map(|mount| check_mount(mount, &mounts, root)),
        );
    }
    let instances = plan
        .workloads
        .values()
        .flat_map(|workload| &workload.instances);
    for volume in instances.flat_map(|instance| instance.volumes.values()) {
        checked.push(check_volume(volume, system, root)?);
    }
    Ok(checked)
}

pub(crate) fn below(root: &Path, path: &HostPath) -> PathBuf {
    let path = root.join(path.as_str().trim_start_matches('/'));
    // `join` of nothing leaves a slash at the end, which the kernel never shows.
    path.components().collect()
}

fn check_mount(planned: &Mount, mounts: &[MountInfo], root: &Path) -> Checked {
    let point = below(root, &planned.mount_point);
    // The last mount at a place covers those before it.
    let present = mounts
        .iter()
        .rev()
        .find(|mount| Path::new(&mount.mount_point) == point);
    let (found, wrong) = match present {
        None => (
            "not mounted".to_owned(),
            Some("it is not mounted".to_owned()),
        ),
        Some(mount) => (mount.options.join(","), what_differs(planned, mount)),
    };
    Checked {
        subject: planned.mount_point.to_string(),
        found,
        wrong,
    }
}

fn what_differs(planned: &Mount, mount: &MountInfo) -> Option<String> {
    if mount.kind != "btrfs" {
        return Some(format!("{} is mounted there, not Btrfs", mount.kind));
    }
    if mount.root != format!("/{}", planned.subvolume) {
        return Some(format!("the subvolume {} is mounted there", mount.root));
    }
    let missing = options_not_in_effect(&planned.options, &mount.options);
    if !missing.is_empty() {
        return Some(format!("not in effect: {}", missing.join(",")));
    }
    let has = |options: &[String]| options.iter().any(|option| option == "ro");
    let read_only = has(&mount.options) && !has(&planned.options);
    let mut unplanned: Vec<&str> = read_only.then_some("ro").into_iter().collect();
    unplanned.extend(options_not_planned(&planned.options, &mount.options));
    (!unplanned.is_empty()).then(|| format!("in effect, and not planned: {}", unplanned.join(",")))
}

fn check_volume(volume: &VolumePlan, system: &dyn System, root: &Path) -> Result<Checked, Fault> {
    let subject = volume.host_path.to_string();
    let directory = below(root, &volume.host_path);
    if system.look(&directory)?.is_none() {
        let wrong = Some("it is not there".to_owned());
        return Ok(Checked {
            subject,
            found: "nothing".into(),
            wrong,
        });
    }
    let probe = system.probe(&directory)?;
    let (copy_on_write, compression) = (!probe.nodatacow, probe.compression);
    let mut wrong = Vec::new();
    if copy_on_write != volume.copy_on_write {
        wrong.push(format!("a new file has copy on write = {copy_on_write}"));
    }
    let wanted = volume.compression.map(Compression::name);
    if compression.as_deref() != wanted {
        wrong.push(format!(
            "a new file has the compression property {}",
            shown(compression.as_deref())
        ));
    }
    let cow = if copy_on_write {
        "copy on write"
    } else {
        "nodatacow"
    };
    Ok(Checked {
        subject,
        found: format!(
            "{cow}, compression property {}",
            shown(compression.as_deref())
        ),
        wrong: (!wrong.is_empty()).then(|| wrong.join("; ")),
    })
}

fn shown(property: Option<&str>) -> &str {
    property.unwrap_or("unset")
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::plan::MountRole;
    use podman_btrfs_core::units::{SubvolumePath, Text};

    use super::*;

    fn differs(in_effect: &str) -> Option<String> {
        let options = |text: &str| text.split(',').map(str::to_owned).collect();
        let planned = Mount {
            subvolume: SubvolumePath::parse("@volumes").unwrap(),
            mount_point: HostPath::parse("/srv/tank").unwrap(),
            options: options("noatime,compress=zstd:1,subvol=/@volumes"),
            role: MountRole::Volumes,
            needed_for_boot: false,
        };
        let mount = MountInfo {
            id: 90,
            parent: 22,
            root: "/@volumes".into(),
            mount_point: "/srv/tank".into(),
            kind: "btrfs".into(),
            source: "/dev/sda".into(),
            options: options(in_effect),
            read_only: false,
        };
        what_differs(&planned, &mount)
    }

    #[test]
    fn what_the_kernel_adds_by_itself_is_as_planned() {
        let in_effect = "rw,noatime,compress=zstd:1,ssd,discard=async,space_cache=v2,subvolid=256,subvol=/@volumes";
        assert_eq!(differs(in_effect), None);
    }

    #[test]
    fn an_option_from_elsewhere_that_changes_how_data_is_held_is_told() {
        let in_effect = "ro,noatime,nodatasum,compress=zstd:1,autodefrag,subvol=/@volumes";
        assert_eq!(
            differs(in_effect).as_deref(),
            Some("in effect, and not planned: ro,nodatasum,autodefrag")
        );
    }

    #[test]
    fn another_level_of_compression_is_told() {
        assert_eq!(
            differs("rw,noatime,compress=zstd:3,subvol=/@volumes").as_deref(),
            Some("not in effect: compress=zstd:1")
        );
    }
}
