//! Who has part of a filesystem mounted: the host, or a container in a mount namespace of its own.

use std::path::Path;

use crate::observe::{kernel_btrfs, mountinfo};
use crate::system::{Fault, System};

/// Who has what lies at a path below the top level of a filesystem, or something in it, mounted; `None`: nobody.
///
/// # Errors
/// When it cannot be found out.
pub(super) fn mounted(
    uuid: &str,
    path: &str,
    system: &dyn System,
) -> Result<Option<String>, Fault> {
    let devices: Vec<String> = kernel_btrfs::all(system)?
        .into_iter()
        .filter(|one| one.uuid == uuid)
        .flat_map(|one| one.devices)
        .collect();
    let processes = system.list(Path::new("/proc"))?.unwrap_or_default();
    let is_number = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
    for process in processes.iter().filter(|name| is_number(name)) {
        let file = Path::new("/proc").join(process).join("mountinfo");
        // It ended, or is ending, while we looked.
        let Ok(Some(text)) = system.read(&file) else {
            continue;
        };
        let mounts = mountinfo::parse(&text)
            .map_err(|line| Fault::Unexpected(format!("{} holds `{line}`", file.display())))?;
        for mount in mounts.iter().filter(|mount| mount.kind == "btrfs") {
            let is_in = Path::new(mount.root.trim_start_matches('/')).starts_with(path);
            if is_in && is_of(&devices, &mount.source, system)? {
                let point = &mount.mount_point;
                return Ok(Some(format!("process {process} has it mounted at {point}")));
            }
        }
    }
    Ok(None)
}

/// Whether a mount is of one of these devices. One whose device cannot be told is taken for it.
fn is_of(devices: &[String], source: &str, system: &dyn System) -> Result<bool, Fault> {
    let numbers = system.device_numbers(Path::new(source))?;
    Ok(numbers.is_none_or(|numbers| devices.is_empty() || devices.contains(&numbers)))
}
