//! Makes the files of a tree anew in a directory that has its attributes already, since files get those that they are made with.

use std::path::Path;

use podman_btrfs_core::plan::VolumePlan;
use podman_btrfs_core::spec::Compression;

use super::journal::Made;
use crate::migrate::copy::{self, How};
use crate::stop::Stop;
use crate::system::{Fault, System};

/// Gives an empty directory or subvolume what is planned for a volume.
pub(super) fn set_attributes(
    system: &dyn System,
    planned: &VolumePlan,
    path: &Path,
) -> Result<(), Fault> {
    // Root's alone until it is whole, and without what a directory hands down to those in it.
    system.set_access(path, 0o700, 0, 0)?;
    if !planned.copy_on_write {
        system.set_nodatacow(path)?;
    }
    match planned.compression {
        Some(compression) => system.set_compression(path, Compression::name(compression)),
        None => Ok(()),
    }
}

/// Fills it from a snapshot, and compares.
pub(super) fn fill(
    system: &dyn System,
    planned: &VolumePlan,
    (source, place): (&Path, &Path),
    made: Made,
) -> Result<(), Stop> {
    if made == Made::Copy {
        copy::look_for_programs(system)?;
        copy::copy(system, source, place, How::Still)?;
    } else {
        reflink(system, source, place)?;
        // With all other extended attributes the source's property was copied, which belongs to the place.
        if system.compression(place)?.as_deref() != planned.compression.map(Compression::name) {
            return Err(Stop::Refused(
                "the compression property of the copy is not as planned".into(),
            ));
        }
    }
    // What shares its blocks needs not be read: the kernel shares whole ranges, or fails.
    let different = match made {
        Made::Copy => system.differences(source, place)?,
        Made::Snapshot | Made::Reflink => system.differences_but_content(source, place)?,
    };
    if !different.is_empty() {
        return Err(Stop::Refused(format!(
            "what was made of the snapshot is not the same as it: {}",
            different.join("; ")
        )));
    }
    let nodatacow = !planned.copy_on_write;
    match system.first_otherwise(place, nodatacow)? {
        None => Ok(()),
        Some(file) => Err(Stop::Refused(format!(
            "`{}` did not get the nodatacow attribute as planned",
            file.strip_prefix(place)
                .unwrap_or(&file)
                .to_string_lossy()
                .escape_debug()
        ))),
    }
}

/// Each file is made anew, and shares its blocks.
fn reflink(system: &dyn System, source: &Path, place: &Path) -> Result<(), Fault> {
    let text = |path: &Path| {
        path.to_str()
            .map(str::to_owned)
            .ok_or_else(|| Fault::Unexpected(format!("{} is no UTF-8", path.display())))
    };
    let (source, place) = (text(source)?, text(place)?);
    let arguments = [
        "--pdeathsig=KILL",
        "cp",
        "--archive",
        "--reflink=always",
        "--no-target-directory",
        "--",
        &*source,
        &*place,
    ];
    system.run("setpriv", &arguments).map(drop)
}
