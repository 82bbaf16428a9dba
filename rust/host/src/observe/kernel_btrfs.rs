//! `/sys/fs/btrfs`: the mounted Btrfs filesystems, each with its devices.

use std::collections::BTreeSet;
use std::path::Path;

use crate::system::{Fault, System};

const DIRECTORY: &str = "/sys/fs/btrfs";

/// One mounted Btrfs filesystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelBtrfs {
    /// Its UUID.
    pub uuid: String,
    /// Its label; empty when it has none.
    pub label: String,
    /// Its devices, as `major:minor`.
    pub devices: Vec<String>,
}

/// All of them.
///
/// # Errors
/// When something of it cannot be read.
pub fn all(system: &dyn System) -> Result<Vec<KernelBtrfs>, Fault> {
    let names = system.list(Path::new(DIRECTORY))?.unwrap_or_default();
    let mut found = Vec::new();
    for uuid in names {
        let directory = Path::new(DIRECTORY).join(&uuid);
        // `features` and `debug` are no filesystems.
        let Some(members) = system.list(&directory.join("devices"))? else {
            continue;
        };
        let mut devices = Vec::new();
        for member in members {
            // A missing device is listed without its numbers.
            let numbers = system.read(&directory.join("devices").join(member).join("dev"))?;
            devices.extend(numbers.map(|numbers| numbers.trim().to_owned()));
        }
        let label = system.read(&directory.join("label"))?.unwrap_or_default();
        found.push(KernelBtrfs {
            uuid,
            label: label.trim_end_matches('\n').to_owned(),
            devices,
        });
    }
    Ok(found)
}

/// The numbers of the devices that a mounted filesystem is without (`devinfo/NUMBER/missing`, Linux 5.6).
///
/// # Errors
/// When the kernel cannot be asked, or does not say so.
pub fn missing_devices(system: &dyn System, uuid: &str) -> Result<BTreeSet<u64>, Fault> {
    let directory = Path::new(DIRECTORY).join(uuid).join("devinfo");
    let unknown = || Fault::Unexpected(format!("{} is not understood", directory.display()));
    let mut missing = BTreeSet::new();
    for name in system.list(&directory)?.ok_or_else(unknown)? {
        let number = name.parse().map_err(|_| unknown())?;
        let is_missing = system.read(&directory.join(&name).join("missing"))?;
        match is_missing.as_deref().map(str::trim) {
            Some("0") => {}
            Some("1") => {
                missing.insert(number);
            }
            Some(_) | None => return Err(unknown()),
        }
    }
    Ok(missing)
}
