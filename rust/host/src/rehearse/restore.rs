//! A subvolume as a snapshot holds it, put in place of the one in use.

use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, Instance, Plan, VolumePlan};
use podman_btrfs_core::spec::Compression;
use podman_btrfs_core::units::SubvolumePath;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::system::{Fault, System};

/// One subvolume of a consistency group, as paths on the host.
pub(super) struct Member {
    /// Where it is in use.
    pub(super) live: PathBuf,
    /// Where its snapshot goes.
    pub(super) snapshot: PathBuf,
    /// Planned subvolumes nested in it, relative to it. A snapshot holds an empty directory in place of each.
    nested: Vec<PathBuf>,
}

/// The members of a copy's group.
pub(super) fn members(plan: &Plan, instance: &Instance) -> Result<Vec<Member>, Fault> {
    let member = |path: &SubvolumePath| {
        let volume = instance
            .volumes
            .values()
            .find(|volume| volume.subvolume == *path)?;
        member(plan.filesystems.get(&volume.filesystem)?, path)
    };
    let incomplete = |path| {
        Fault::Unexpected(format!(
            "the plan does not say where {path} is mounted: please report this"
        ))
    };
    instance
        .group
        .iter()
        .map(|path| member(path).ok_or_else(|| incomplete(path)))
        .collect()
}

fn member(filesystem: &FilesystemPlan, path: &SubvolumePath) -> Option<Member> {
    let live = &filesystem
        .subvolumes
        .iter()
        .find(|subvolume| subvolume.path == *path)?
        .host_path;
    let name = Path::new(live.as_str()).file_name()?.to_string_lossy();
    let inside = format!("{path}/");
    let nested = |of: &SubvolumePath| of.as_str().strip_prefix(&inside).map(PathBuf::from);
    Some(Member {
        live: live.as_str().into(),
        snapshot: Path::new(filesystem.mount_point.as_str())
            .join(format!(".snapshots/{name}.rehearsal")),
        nested: filesystem
            .subvolumes
            .iter()
            .filter_map(|subvolume| nested(&subvolume.path))
            .collect(),
    })
}

/// Takes the read-only snapshot of a member.
pub(super) fn snapshot(member: &Member, system: &dyn System) -> Result<(), Fault> {
    let (from, to) = (
        member.live.to_string_lossy(),
        member.snapshot.to_string_lossy(),
    );
    system.run("btrfs", &["subvolume", "snapshot", "-r", "--", &from, &to])?;
    let printed = system
        .run("btrfs", &["property", "get", "-ts", &to, "ro"])?
        .stdout;
    if printed.trim() == "ro=true" {
        return Ok(());
    }
    Err(Fault::Unexpected(format!(
        "the snapshot {to} is writable: `{}`",
        printed.trim()
    )))
}

/// Puts a writable snapshot of the snapshot in place of what is in use, in one step: at no moment is the path
/// missing. What was in use is deleted at the end. Nobody may be using it.
pub(super) fn restore(member: &Member, system: &dyn System) -> Result<(), Fault> {
    let Member {
        live,
        snapshot,
        nested,
    } = member;
    let name = live.file_name().unwrap_or_default().to_string_lossy();
    // The kernel exchanges names only within one mount, so it stands beside, not in the place for snapshots.
    let beside = live.with_file_name(format!(".{name}.restored"));
    let (from, to) = (snapshot.to_string_lossy(), beside.to_string_lossy());
    system.run("btrfs", &["subvolume", "snapshot", "--", &from, &to])?;
    for inner in nested {
        let place = beside.join(inner);
        std::fs::remove_dir(&place)
            .and_then(|()| std::fs::rename(live.join(inner), &place))
            .map_err(|source| Fault::File {
                what: "move a nested subvolume to",
                path: place,
                source,
            })?;
    }
    renameat_with(CWD, &beside, CWD, live, RenameFlags::EXCHANGE).map_err(|error| Fault::File {
        what: "exchange",
        path: live.clone(),
        source: error.into(),
    })?;
    system
        .run("btrfs", &["subvolume", "delete", "--", &to])
        .map(drop)
}

/// Sets what the plan gives a volume and what is in its place now does not have; true when something was set.
///
/// A snapshot keeps attributes, so there is nothing to set after it. What came by send and receive has lost
/// nodatacow (proof `nodatacow-lost-by-send-receive`).
pub(super) fn set_again(volume: &VolumePlan, system: &dyn System) -> Result<bool, Fault> {
    let path = Path::new(volume.host_path.as_str());
    let compression = volume.compression.map(Compression::name);
    let mut set = false;
    if !volume.copy_on_write && !system.is_nodatacow(path)? {
        system.set_nodatacow(path)?;
        set = true;
    }
    if let Some(value) = compression.filter(|_| volume.copy_on_write)
        && system.compression(path)?.as_deref() != Some(value)
    {
        system.set_compression(path, value)?;
        set = true;
    }
    let present = (!system.is_nodatacow(path)?, system.compression(path)?);
    if (present.0, present.1.as_deref()) == (volume.copy_on_write, compression) {
        return Ok(set);
    }
    Err(Fault::Unexpected(format!(
        "{}: copy on write = {}, compression property {:?}; planned were {} and {compression:?}",
        volume.host_path, present.0, present.1, volume.copy_on_write
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members_of(text: &str) -> Vec<Member> {
        let plan: Plan = serde_json::from_str(text).unwrap();
        let workloads = plan
            .workloads
            .values()
            .flat_map(|workload| &workload.instances);
        workloads
            .flat_map(|instance| members(&plan, instance).unwrap())
            .collect()
    }

    #[test]
    fn what_snapper_keeps_in_a_subvolume_moves_with_it() {
        let text = include_str!("../../../../tests/scenarios/home-server/plan.json");
        for member in members_of(text) {
            assert_eq!(
                member.nested,
                [PathBuf::from(".snapshots")],
                "{}",
                member.live.display()
            );
        }
    }

    #[test]
    fn each_member_is_on_the_filesystem_of_its_volumes() {
        let text = include_str!("../../../../tests/scenarios/two-filesystems/plan.json");
        let members = members_of(text);
        assert!(!members.is_empty());
        for Member { live, snapshot, .. } in members {
            let volumes = live.parent().unwrap();
            assert!(
                snapshot.starts_with(volumes.join(".snapshots")),
                "{}",
                snapshot.display()
            );
        }
    }
}
