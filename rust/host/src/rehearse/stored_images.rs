//! Declared images that the host's own store holds, for the rehearsal to run.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Command, Stdio};

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::ImageReference;

use super::Options;
use super::stage::{Seen, passed};
use super::task::StoredImages;
use crate::system::{Fault, System};

/// Where Podman's store is unless a host says otherwise. To ask a Podman that was never used would make one.
const STORE: &str = "/var/lib/containers/storage";

/// What was saved, and the archive, which has no name: it is there as long as the file is open.
pub(super) type Saved = (StoredImages, File);

/// Saves the declared images that are in the host's store.
pub(super) fn save(plan: &Plan, options: &Options, system: &dyn System) -> Seen<Option<Saved>> {
    if system.look(Path::new(STORE))?.is_none() {
        return passed(None, "the host has no store yet");
    }
    let mut present = Vec::new();
    for image in declared(plan, options) {
        match system.run("podman", &["image", "exists", image.as_str()]) {
            Ok(_) => present.push(image),
            Err(Fault::Program { status: 1, .. }) => {}
            Err(fault) => return Err(fault),
        }
    }
    if present.is_empty() {
        return passed(None, "none of the declared images is in the host's store");
    }
    let directory = &options.image_directory;
    let archive = tempfile::tempfile_in(directory).map_err(|source| Fault::File {
        what: "write in",
        path: directory.clone(),
        source,
    })?;
    write(&present, &archive)?;
    let path = format!("/proc/{}/fd/{}", std::process::id(), archive.as_raw_fd());
    let detail = present
        .iter()
        .map(ImageReference::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let stored = StoredImages {
        archive: path.into(),
        images: present,
    };
    passed(Some((stored, archive)), detail)
}

/// The images of the containers that are run.
fn declared(plan: &Plan, options: &Options) -> BTreeSet<ImageReference> {
    let copies = usize::try_from(options.replicas).unwrap_or(usize::MAX);
    let instances = plan
        .workloads
        .values()
        .flat_map(|workload| workload.instances.iter().take(copies));
    instances
        .flat_map(|instance| instance.containers.values())
        .filter_map(|container| container.image.clone())
        .collect()
}

/// Archives are large: straight into the file, past `System::run`, which holds output in memory.
fn write(images: &[ImageReference], archive: &File) -> Result<(), Fault> {
    let fault = |source| Fault::File {
        what: "start the program",
        path: "podman".into(),
        source,
    };
    let output = Command::new("podman")
        .args([
            "save",
            "--quiet",
            "--multi-image-archive",
            "--format",
            "docker-archive",
            "--",
        ])
        .args(images.iter().map(ImageReference::as_str))
        .stdin(Stdio::null())
        .stdout(archive.try_clone().map_err(fault)?)
        .stderr(Stdio::piped())
        .output()
        .map_err(fault)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Fault::Program {
        command: "podman save --multi-image-archive".into(),
        status: output.status.code().unwrap_or(-1),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
