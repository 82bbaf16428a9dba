//! Data in volumes, written, destroyed and read through the containers that mount them.

use podman_btrfs_core::plan::Instance;
use podman_btrfs_core::units::{ContainerName, VolumeName};

use super::podman::Podman;
use crate::system::Fault;

/// The file that is written into each volume.
const FILE: &str = "podman-btrfs-rehearsal";
/// Written in blocks of 64 KiB: 2 MiB, more than what fits into metadata.
const BLOCKS: &str = "count=32";

/// What was written into a volume.
pub(super) struct Written {
    pub(super) volume: VolumeName,
    container: ContainerName,
    path: String,
    checksum: String,
}

/// Writes into each volume that a container may write to, through the first that may.
pub(super) fn write(podman: &Podman, instance: &Instance) -> Result<Vec<Written>, Fault> {
    let mut written = Vec::new();
    for volume in instance.volumes.keys() {
        let mounted = instance
            .containers
            .iter()
            .filter(|(_, container)| !container.read_only.contains(volume))
            .find_map(|(name, container)| Some((name, container.mounts.get(volume)?)));
        let Some((container, directory)) = mounted else {
            continue;
        };
        let path = format!("{}/{FILE}", directory.as_str().trim_end_matches('/'));
        fill(podman, container, "/dev/urandom", &path, BLOCKS)?;
        let checksum = checksum(podman, container, &path)?;
        written.push(Written {
            volume: volume.clone(),
            container: container.clone(),
            path,
            checksum,
        });
    }
    Ok(written)
}

/// Destroys what was written, and makes sure that it is gone.
pub(super) fn destroy(podman: &Podman, written: &[&Written]) -> Result<(), Fault> {
    for Written {
        container,
        path,
        checksum: before,
        volume,
    } in written
    {
        fill(podman, container, "/dev/zero", path, "count=1")?;
        if checksum(podman, container, path)? == *before {
            return Err(Fault::Unexpected(format!(
                "the data of {volume} is still there"
            )));
        }
    }
    Ok(())
}

/// The volumes whose data is not what was written.
pub(super) fn differing(podman: &Podman, written: &[&Written]) -> Result<Vec<String>, Fault> {
    let mut differing = Vec::new();
    for Written {
        container,
        path,
        checksum: before,
        volume,
    } in written
    {
        if checksum(podman, container, path)? != *before {
            differing.push(volume.to_string());
        }
    }
    Ok(differing)
}

fn fill(
    podman: &Podman,
    container: &ContainerName,
    from: &str,
    to: &str,
    count: &str,
) -> Result<(), Fault> {
    let (from, to) = (format!("if={from}"), format!("of={to}"));
    podman
        .inside(
            container,
            &["dd", &from, &to, "bs=65536", count, "conv=fsync"],
        )
        .map(drop)
}

fn checksum(podman: &Podman, container: &ContainerName, path: &str) -> Result<String, Fault> {
    let printed = podman.inside(container, &["sha256sum", path])?;
    match printed.split_whitespace().next() {
        Some(sum) if sum.len() == 64 => Ok(sum.to_owned()),
        _ => Err(Fault::Unexpected(format!(
            "`sha256sum` in {container} printed `{}`",
            printed.trim()
        ))),
    }
}
