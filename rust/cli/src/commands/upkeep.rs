//! `upkeep PLAN FILESYSTEM TASK`

use podman_btrfs_core::units::FilesystemName;
use podman_btrfs_host::system::RealSystem;
use podman_btrfs_host::upkeep::{Outcome, lock, run as work};

use super::{Status, make_private, plan_of};
use crate::args::UpkeepArguments;
use crate::fault::Fault;
use crate::output::Output;

pub(super) fn run(arguments: &UpkeepArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let found = plan
        .filesystems
        .iter()
        .find(|(name, _)| name.as_str() == arguments.filesystem);
    let Some((name, filesystem)) = found else {
        let names: Vec<&str> = plan
            .filesystems
            .keys()
            .map(FilesystemName::as_str)
            .collect();
        output.warn(&format!(
            "the plan has no filesystem `{}`; it has: {}\n",
            arguments.filesystem,
            names.join(", ")
        ))?;
        return Ok(Status::Findings);
    };
    make_private(&arguments.locks)?;
    // What lasts is told while it lasts; where that fails the work still counts.
    let mut tell = |text: &str| drop(output.say(&format!("{text}\n")));
    let _held = lock(&arguments.locks, name.as_str(), &mut tell)?;
    let outcome = work(arguments.task.into(), filesystem, &RealSystem, &mut tell)?;
    let (text, status) = match outcome {
        Outcome::Fine(text) => (text, Status::Fine),
        Outcome::Finding(text) => (text, Status::Findings),
    };
    output.say(&format!("{text}\n"))?;
    Ok(status)
}
