//! Disk images without names, the loop devices in front of them, and the filesystem on these.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use podman_btrfs_core::plan::{FilesystemOrigin, FilesystemPlan};
use podman_btrfs_core::spec::Profile;
use podman_btrfs_core::units::{DevicePath, FilesystemName, Text};

use super::Options;
use super::task::Attached;
use crate::system::{Fault, System};

/// How long the kernel may take to let go of a filesystem, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// The image of one disk.
#[derive(Debug)]
pub(super) struct Image {
    file: File,
    /// Its name, where it is to be kept.
    pub(super) kept: Option<PathBuf>,
}

/// A loop device that the kernel frees when the last one who has it open, us included, is gone.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) device: DevicePath,
    pub(super) attached: Attached,
    _open: (File, Image),
}

/// How many disks a filesystem is made of here: as many as planned, or as its profiles need.
pub(super) fn count(filesystem: &FilesystemPlan) -> usize {
    let planned = match &filesystem.origin {
        FilesystemOrigin::New { disks, .. } => disks.len(),
        FilesystemOrigin::Existing => 1,
    };
    let profiles = [filesystem.data_profile, filesystem.metadata_profile];
    profiles
        .into_iter()
        .flatten()
        .map(least_disks)
        .fold(planned, usize::max)
}

const fn least_disks(profile: Profile) -> usize {
    match profile {
        Profile::Single | Profile::Dup | Profile::Raid0 => 1,
        Profile::Raid1 | Profile::Raid10 => 2,
        Profile::Raid1c3 => 3,
        Profile::Raid1c4 => 4,
    }
}

/// Makes one image file. Unless it is to be kept it never has a name (`O_TMPFILE`), so nobody has to remove it.
pub(super) fn make_image(name: &FilesystemName, options: &Options) -> Result<Image, Fault> {
    let directory = &options.image_directory;
    let fault = |source| Fault::File {
        what: "make a disk image in",
        path: directory.clone(),
        source,
    };
    let (file, kept) = if options.keep {
        let named = tempfile::Builder::new()
            .prefix(&format!("podman-btrfs-rehearsal-{name}-"))
            .suffix(".img")
            .tempfile_in(directory)
            .map_err(fault)?;
        let (file, path) = named.keep().map_err(|error| fault(error.error))?;
        (file, Some(path))
    } else {
        (tempfile::tempfile_in(directory).map_err(fault)?, None)
    };
    file.set_len(options.size).map_err(fault)?;
    Ok(Image { file, kept })
}

/// Puts a loop device in front of an image.
///
/// `losetup` cannot set the flag `autoclear`; detaching a device that is open does (`loop(4)`). In between,
/// `critical` keeps this process from ending.
pub(super) fn attach(
    image: Image,
    system: &dyn System,
    critical: &Mutex<()>,
) -> Result<Disk, Fault> {
    let _guard = critical.lock().unwrap_or_else(PoisonError::into_inner);
    let file = format!("/proc/{}/fd/{}", std::process::id(), image.file.as_raw_fd());
    let printed = system
        .run("losetup", &["--find", "--show", "--", &file])?
        .stdout;
    let path = printed.trim();
    let opened = File::open(path);
    system.run("losetup", &["--detach", path])?;
    let opened = opened.map_err(|source| Fault::File {
        what: "open",
        path: path.into(),
        source,
    })?;
    let unexpected = || Fault::Unexpected(format!("`losetup` printed `{path}`"));
    let name = path
        .strip_prefix("/dev/")
        .ok_or_else(unexpected)?
        .to_owned();
    let ask = |what: &str| system.read(Path::new(&format!("/sys/block/{name}/loop/{what}")));
    if ask("autoclear")?.as_deref().map(str::trim) != Some("1") {
        return Err(Fault::Unexpected(format!(
            "the kernel would not free {path} by itself"
        )));
    }
    let backing = ask("backing_file")?
        .ok_or_else(unexpected)?
        .trim()
        .to_owned();
    let device =
        DevicePath::parse(path).map_err(|why| Fault::Unexpected(format!("{path}: {why}")))?;
    Ok(Disk {
        device,
        attached: Attached { name, backing },
        _open: (opened, image),
    })
}

/// Makes the planned filesystem. The kernel learns its devices on the way.
pub(super) fn format(
    filesystem: &FilesystemPlan,
    name: &FilesystemName,
    disks: &[Disk],
    system: &dyn System,
) -> Result<String, Fault> {
    let label = format!("rehearsal-{name}");
    let mut arguments = vec!["--quiet", "--label", &label];
    let mut seen = format!("label {label}");
    let profiles = [
        ("--data", filesystem.data_profile),
        ("--metadata", filesystem.metadata_profile),
    ];
    for (option, profile) in profiles {
        if let Some(profile) = profile {
            arguments.extend([option, profile.name()]);
            seen = format!(
                "{seen}, {} {}",
                option.trim_start_matches('-'),
                profile.name()
            );
        }
    }
    arguments.push("--");
    arguments.extend(disks.iter().map(|disk| disk.device.as_str()));
    system.run("mkfs.btrfs", &arguments)?;
    for disk in disks {
        system.run("btrfs", &["device", "scan", "--", disk.device.as_str()])?;
    }
    Ok(seen)
}

/// Mounts a filesystem of several disks once, with the planned options, until everything is taken down. Any
/// `btrfs device scan --forget` on the machine makes the kernel forget which disks belong together unless they
/// are mounted.
pub(super) fn hold(
    filesystem: &FilesystemPlan,
    disks: &[Disk],
    place: &Path,
    system: &dyn System,
) -> Result<(), Fault> {
    let [first, others @ ..] = disks else {
        return Ok(());
    };
    if others.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(place).map_err(|source| Fault::File {
        what: "create the directory",
        path: place.to_owned(),
        source,
    })?;
    let mut options = filesystem.mount_options.clone();
    options.push("subvolid=5".into());
    options.extend(others.iter().map(|disk| format!("device={}", disk.device)));
    let (options, place) = (options.join(","), place.to_string_lossy());
    let device = first.device.as_str();
    let arguments = ["-t", "btrfs", "-o", &options, "--", device, &place];
    system.run("mount", &arguments).map(drop)
}

/// Lets the kernel forget the devices of an unmounted filesystem; their numbers go to somebody else.
pub(super) fn forget(disks: &[Disk], system: &dyn System) -> Result<(), Fault> {
    for disk in disks {
        let begun = Instant::now();
        loop {
            let device = disk.device.as_str();
            match system.run("btrfs", &["device", "scan", "--forget", "--", device]) {
                // It is forgotten already.
                Err(Fault::Program { stderr, .. }) if stderr.contains("No such file") => break,
                // What a container had mounted is unmounted a little after its end.
                Err(_) if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                forgotten => break forgotten.map(drop)?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::plan::Plan;

    use super::*;

    #[test]
    fn there_are_as_many_disks_as_planned_or_as_the_profiles_need() {
        let text = include_str!("../../../../tests/scenarios/raid1-server/plan.json");
        let plan: Plan = serde_json::from_str(text).unwrap();
        let mut filesystem = plan.filesystems.into_values().next().unwrap();
        assert_eq!(count(&filesystem), 2);
        filesystem.origin = FilesystemOrigin::Existing;
        assert_eq!(count(&filesystem), 2);
        filesystem.metadata_profile = Some(Profile::Raid1c4);
        assert_eq!(count(&filesystem), 4);
        (filesystem.data_profile, filesystem.metadata_profile) = (None, None);
        assert_eq!(count(&filesystem), 1);
    }
}
