//! The steps that a filesystem's plan asks for, in an order in which each finds what it needs.

use std::path::Path;

use podman_btrfs_core::plan::{FilesystemPlan, Placement, Plan, QuotaMode, Subvolume, VolumePlan};
use podman_btrfs_core::units::{FilesystemName, UserName, VolumeName};

use crate::action::{
    Access, Action, CreateDirectory, CreateSubvolume, EnableSimpleQuota, SetCompression,
    SetCopyOnWrite, SetLimit,
};

/// Steps in order: quotas (simple quotas count only what is written after them), subvolumes (parents
/// come first in the plan), limits, then each volume's directory and attributes.
pub(super) fn steps(
    plan: &Plan,
    name: &FilesystemName,
    filesystem: &FilesystemPlan,
    top: &Path,
) -> Vec<Box<dyn Action>> {
    let mut steps: Vec<Box<dyn Action>> = Vec::new();
    if filesystem.quota == QuotaMode::Simple {
        steps.push(Box::new(EnableSimpleQuota {
            top: top.to_owned(),
        }));
    }
    for subvolume in &filesystem.subvolumes {
        steps.push(Box::new(create_subvolume(subvolume, top)));
        // Where nothing accounts for it a limit is a size to watch: it cannot be set, and classic qgroups, where somebody
        // has them on, would enforce it, which the plan rules out.
        let enforced = subvolume
            .limit_bytes
            .filter(|_| filesystem.quota == QuotaMode::Simple);
        if let Some(bytes) = enforced {
            let path = top.join(subvolume.path.as_str());
            steps.push(Box::new(SetLimit {
                path,
                subvolume: subvolume.path.clone(),
                bytes,
            }));
        }
    }
    for workload in plan.workloads.values() {
        for instance in &workload.instances {
            for (volume_name, volume) in &instance.volumes {
                if volume.filesystem == *name {
                    add_volume(&mut steps, volume_name, volume, workload.user.as_ref(), top);
                }
            }
        }
    }
    steps
}

pub(crate) fn create_subvolume(subvolume: &Subvolume, top: &Path) -> CreateSubvolume {
    CreateSubvolume {
        path: top.join(subvolume.path.as_str()),
        subvolume: subvolume.path.clone(),
        access: Access {
            // The planner writes octal digits; 0700 is the safe reading of anything else.
            mode: u32::from_str_radix(&subvolume.mode, 8).unwrap_or(0o700),
            owner: subvolume.owner.as_ref().map(ToString::to_string),
        },
    }
}

fn add_volume(
    steps: &mut Vec<Box<dyn Action>>,
    name: &VolumeName,
    volume: &VolumePlan,
    owner: Option<&UserName>,
    top: &Path,
) {
    let mut path = top.join(volume.subvolume.as_str());
    let mut shown = volume.subvolume.to_string();
    if volume.placement == Placement::GroupDirectory {
        path.push(name.as_str());
        shown = format!("{shown}/{name}");
        let access = Access {
            mode: 0o755,
            owner: owner.map(ToString::to_string),
        };
        steps.push(Box::new(CreateDirectory {
            path: path.clone(),
            shown: shown.clone(),
            access,
        }));
    }
    let value = volume
        .compression
        .map(podman_btrfs_core::spec::Compression::name);
    let copy_on_write = volume.copy_on_write;
    steps.push(Box::new(SetCopyOnWrite {
        path: path.clone(),
        shown: shown.clone(),
        copy_on_write,
    }));
    steps.push(Box::new(SetCompression { path, shown, value }));
}
