//! Regular work on one filesystem: scrub, trim, balance. One at a time, by a lock that the kernel frees.

mod balance;

use std::path::Path;

use podman_btrfs_core::plan::FilesystemPlan;
use podman_btrfs_core::upkeep::Task;

pub(crate) use balance::empty;
pub use balance::{Balanced, balance};

use crate::lock::Lock;
use crate::system::{Fault, System};

/// How a task ended that could be done; the text is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Fine(String),
    /// Something is for a person to see to.
    Finding(String),
}

/// Does one task. `told` hears of what lasts.
///
/// # Errors
/// When the filesystem is not mounted where the plan has it, or a program fails.
pub fn run(
    task: Task,
    filesystem: &FilesystemPlan,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Outcome, Fault> {
    let place = filesystem.mount_point.as_str();
    must_be_mounted(system, place)?;
    match task {
        Task::Scrub => scrub(system, place),
        Task::Trim => trim(system, place),
        Task::Balance => {
            let balanced = balance(system, place, filesystem.reserve_bytes, told)?;
            Ok(balanced.outcome())
        }
    }
}

/// Without its mount the path belongs to another filesystem.
fn must_be_mounted(system: &dyn System, place: &str) -> Result<(), Fault> {
    let arguments = ["--noheadings", "--types", "btrfs", "--mountpoint", place];
    match system.run("findmnt", &arguments) {
        Ok(_) => Ok(()),
        Err(Fault::Program { status: 1, .. }) => Err(Fault::Unexpected(format!(
            "no Btrfs is mounted at {place}, where the plan has this filesystem"
        ))),
        Err(fault) => Err(fault),
    }
}

fn scrub(system: &dyn System, place: &str) -> Result<Outcome, Fault> {
    /// `btrfs-scrub(8)`: errors that no copy could heal.
    const NOT_HEALED: i32 = 3;
    match system.run("btrfs", &["scrub", "start", "-B", "--", place]) {
        Ok(printed) => Ok(Outcome::Fine(printed.stdout.trim().to_owned())),
        Err(Fault::Program {
            status: NOT_HEALED, ..
        }) => Ok(Outcome::Finding(format!(
            "{place} has damage that no second copy could heal; the kernel's log names the files: `journalctl --dmesg --grep BTRFS`"
        ))),
        Err(fault) => Err(fault),
    }
}

fn trim(system: &dyn System, place: &str) -> Result<Outcome, Fault> {
    let printed = system.run("fstrim", &["--verbose", "--quiet-unsupported", "--", place])?;
    let said = printed.stdout.trim();
    Ok(Outcome::Fine(if said.is_empty() {
        format!("{place}: the device does not discard, and nothing was done")
    } else {
        said.to_owned()
    }))
}

/// Takes the lock of one filesystem, and waits for whoever has it.
///
/// # Errors
/// When the lock's file cannot be made or locked.
pub fn lock(directory: &Path, filesystem: &str, told: &mut dyn FnMut(&str)) -> Result<Lock, Fault> {
    Lock::take(&directory.join(format!("{filesystem}.lock")), || {
        told("other work on this filesystem is under way; waiting for its end");
    })
}
