//! A real Podman with the planned `storage.conf`, and settings of the rehearsal's own beside it.

mod info;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{PlannedContainer, StorageConf, StorageFiles, VolumePlan};
use podman_btrfs_core::units::{ContainerName, ImageReference, VolumeName};

use self::info::Info;
use super::stage::{Seen, failed, passed};
use crate::system::{Fault, System};

/// Where the rehearsal keeps its own files, inside its root.
pub(super) const WORK: &str = "/run/podman-btrfs";
/// Where each container sees a busybox that needs no other file, whatever its image holds. It goes by its name.
const BUSYBOX: &str = "/.podman-btrfs/busybox";
/// The image that stands in for those that are not on this machine.
const TINY: &str = "localhost/podman-btrfs-rehearsal:1";

/// Enough for a container that waits, on any machine; nothing in it concerns storage. The limits are off because
/// a cgroup tree may lack the controllers they need.
const CONTAINERS_CONF: &str = r#"[containers]
default_sysctls = []
log_driver = "k8s-file"
pids_limit = 0

[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
image_copy_tmp_dir = "storage"

[network]
network_config_dir = "/run/podman-btrfs/networks"
"#;

/// Variables that would lead Podman to the host's own things, or away from the planned file.
pub(super) const UNSET: [&str; 9] = [
    "CONTAINERS_CONF_OVERRIDE",
    "CONTAINERS_STORAGE_CONF_OVERRIDE",
    "CONTAINER_CONNECTION",
    "CONTAINER_HOST",
    "NOTIFY_SOCKET",
    "STORAGE_DRIVER",
    "STORAGE_OPTS",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
];

/// Variables that lead it to ours.
pub(super) const SET: [(&str, &str); 2] = [
    ("CONTAINERS_CONF", "/run/podman-btrfs/containers.conf"),
    ("CONTAINERS_STORAGE_CONF", "/run/podman-btrfs/storage.conf"),
];

/// Places outside the planned store where Podman and the runtimes keep state of the running host.
pub(super) const STATE: [&str; 6] = [
    "/run/containers",
    "/run/crun",
    "/run/libpod",
    "/run/lock",
    "/run/runc",
    "/var/tmp",
];

/// Podman, started.
pub(super) struct Podman<'a> {
    system: &'a dyn System,
    without_cgroups: bool,
    busybox: PathBuf,
    loaded: BTreeSet<ImageReference>,
}

impl<'a> Podman<'a> {
    /// Starts it with the planned `storage.conf` and looks whether it understood what was planned.
    pub(super) fn start(
        system: &'a dyn System,
        planned: &StorageConf,
        text: &str,
        busybox: PathBuf,
    ) -> Seen<Self> {
        for ((_, path), text) in SET.into_iter().zip([CONTAINERS_CONF, text]) {
            system.write(Path::new(path), text)?;
        }
        let printed = system.run("podman", &["info", "--format", "json"])?;
        let info: Info = serde_json::from_str(&printed.stdout).map_err(|error| {
            Fault::Unexpected(format!(
                "`podman info` printed JSON of another shape: {error}"
            ))
        })?;
        if let Some(wrong) = info.what_differs(planned) {
            return failed(wrong);
        }
        // Podman up to 5 tells of keys that it does not know, and goes on; later ones say nothing.
        let said = printed.stderr.trim();
        if said.contains("storage.conf") || said.contains("Failed to decode") {
            return failed(format!(
                "it does not understand all of the planned storage.conf: {said}"
            ));
        }
        // `image_copy_tmp_dir = "storage"` names this directory, which Podman 5.4 uses and does not make.
        let large_files = Path::new(planned.graph_root.as_str()).join("tmp");
        if system.look(&large_files)?.is_none() {
            system.create_directory(&large_files)?;
        }
        let mut seen = info.describe();
        if let (StorageFiles::DropIns, Some(version)) = (planned.files, &planned.podman) {
            seen = format!(
                "{seen}; planned for {version}, here in one file with what every Podman knows"
            );
        }
        let without_cgroups = info.runtime() == "crun";
        passed(
            Self {
                system,
                without_cgroups,
                busybox,
                loaded: BTreeSet::new(),
            },
            seen,
        )
    }

    /// Loads the images of the host's store, and makes the one that stands in for the others.
    pub(super) fn load(&mut self, archive: Option<(&Path, &[ImageReference])>) -> Seen<()> {
        if let Some((archive, images)) = archive {
            self.run(&["load", "--quiet", "--input", &archive.to_string_lossy()])?;
            for image in images {
                // An image by digest loses it on the way through an archive.
                if self.run(&["image", "exists", image.as_str()]).is_ok() {
                    self.loaded.insert(image.clone());
                }
            }
        }
        self.make_tiny_image()?;
        let loaded = match self.loaded.len() {
            0 => "no declared image is in the host's store".to_owned(),
            count => format!("{count} of the declared images, from the host's store"),
        };
        passed((), format!("{loaded}; busybox for others"))
    }

    fn make_tiny_image(&self) -> Result<(), Fault> {
        let root = Path::new(WORK).join("image");
        let archive = Path::new(WORK).join("image.tar");
        let fault = |source| Fault::File {
            what: "make an image in",
            path: root.clone(),
            source,
        };
        std::fs::create_dir_all(root.join("bin")).map_err(fault)?;
        std::fs::copy(&self.busybox, root.join("bin/busybox")).map_err(fault)?;
        let (from, to) = (root.to_string_lossy(), archive.to_string_lossy());
        self.system.run(
            "tar",
            &["--create", "--file", &to, "--directory", &from, "."],
        )?;
        self.run(&["import", "--quiet", &to, TINY])?;
        Ok(())
    }

    /// Starts a container of the plan: its image or the one that stands in, its volumes, and a process that waits.
    /// True when it is its own image.
    pub(super) fn run_container(
        &self,
        name: &ContainerName,
        container: &PlannedContainer,
        volumes: &BTreeMap<VolumeName, VolumePlan>,
    ) -> Result<bool, Fault> {
        let declared = container
            .image
            .as_ref()
            .filter(|image| self.loaded.contains(*image));
        let busybox = format!("{}:{BUSYBOX}:ro", self.busybox.display());
        let mut arguments = vec![
            "run",
            "--detach",
            "--name",
            name.as_str(),
            "--pull",
            "never",
            "--network",
            "none",
            "--user",
            "0",
            "--stop-signal",
            "SIGKILL",
            "--entrypoint",
            BUSYBOX,
            "--volume",
            &busybox,
        ];
        if self.without_cgroups {
            arguments.extend(["--cgroups", "disabled"]);
        }
        let mounts: Vec<String> = container
            .mounts
            .iter()
            .filter_map(|(volume, path)| Some(format!("{}:{path}", volumes.get(volume)?.host_path)))
            .collect();
        for mount in &mounts {
            arguments.extend(["--volume", mount]);
        }
        let image = declared.map_or(TINY, ImageReference::as_str);
        arguments.extend([image, "sleep", "2147483647"]);
        self.run(&arguments)?;
        Ok(declared.is_some())
    }

    /// Runs an applet of busybox in a running container and returns what it printed.
    pub(super) fn inside(&self, name: &ContainerName, applet: &[&str]) -> Result<String, Fault> {
        let mut arguments = vec!["exec", name.as_str(), BUSYBOX];
        arguments.extend(applet);
        self.run(&arguments)
    }

    /// Stops a container; it waits, so there is nothing to give it time for.
    pub(super) fn stop(&self, name: &ContainerName) -> Result<(), Fault> {
        self.run(&["stop", name.as_str()]).map(drop)
    }

    /// Starts a stopped container.
    pub(super) fn start_again(&self, name: &ContainerName) -> Result<(), Fault> {
        self.run(&["start", name.as_str()]).map(drop)
    }

    /// Removes every container of the store; the store is ours alone.
    pub(super) fn remove_all(&self) -> Seen<()> {
        self.run(&["rm", "--all", "--force"])?;
        let left = self.run(&["ps", "--all", "--quiet"])?;
        if left.trim().is_empty() {
            passed((), "none is left")
        } else {
            failed(format!("left: {left}"))
        }
    }

    fn run(&self, arguments: &[&str]) -> Result<String, Fault> {
        self.system
            .run("podman", arguments)
            .map(|printed| printed.stdout)
    }
}
