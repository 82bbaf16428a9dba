//! Makes the layout of a plan, and nothing else.

mod steps;
mod top_level;

use std::collections::BTreeMap;
use std::path::PathBuf;

use podman_btrfs_core::plan::{FilesystemPlan, Plan};
use podman_btrfs_core::units::{DevicePath, FilesystemName};

use crate::action::take;
use crate::receipt::{Receipt, State, Step};
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
    let mut receipt = Receipt::begun(system, options.dry_run);
    for (name, filesystem) in &plan.filesystems {
        let mut record = |action: String, state: State| {
            let step = Step {
                filesystem: name.clone(),
                action,
                state,
            };
            told(&step);
            receipt.steps.push(step);
        };
        let device = options.devices.get(name).unwrap_or(&filesystem.device);
        let directory = options.work_directory.join(name.as_str());
        match top_level::mount(system, device, &directory, &filesystem.mount_options) {
            Ok(top) => {
                apply_to(
                    plan,
                    name,
                    filesystem,
                    &top,
                    (system, options.dry_run),
                    &mut record,
                );
                if let Err(fault) = top.unmount(system) {
                    record(
                        "unmount the top level".into(),
                        State::Failed(fault.to_string()),
                    );
                }
            }
            Err(fault) => record(
                format!("mount the top level of {device}"),
                State::Failed(fault.to_string()),
            ),
        }
    }
    receipt
}

fn apply_to(
    plan: &Plan,
    name: &FilesystemName,
    filesystem: &FilesystemPlan,
    top: &top_level::TopLevel,
    (system, dry_run): (&dyn System, bool),
    record: &mut dyn FnMut(String, State),
) {
    for action in steps::steps(plan, name, filesystem, top.path()) {
        let state = take(action.as_ref(), system, dry_run);
        let failed = matches!(state, State::Failed(_));
        record(action.describe(), state);
        // What comes later may lie in what could not be made.
        if failed {
            return;
        }
    }
}
