//! `apply PLAN`

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::FilesystemName;
use podman_btrfs_host::apply::{Options, Told, apply};
pub(super) use podman_btrfs_host::ledger::FILE as LEDGER;
use podman_btrfs_host::lock::Lock;
use podman_btrfs_host::receipt::{Receipt, Running, State};
use podman_btrfs_host::system::{RealSystem, System as _};

use super::{Status, make_private, plan_of};
use crate::args::ApplyArguments;
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// The lock in the work directory: of all commands that change what the ledger speaks of, one runs at a time.
pub(super) const LOCK: &str = "apply.lock";

/// How long a group snapshot is waited for, which shares the lock: longer than one takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn run(arguments: &ApplyArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let replaced = replaced(arguments, &plan)?;
    let _held = lock(&arguments.work.work_directory)?;
    let running = record(arguments, output)?;
    let options = Options {
        dry_run: arguments.dry_run,
        devices: BTreeMap::new(),
        work_directory: arguments.work.work_directory.clone(),
        ledger: Some(arguments.receipts.join(LEDGER)),
        replaced,
    };
    let mut unwritten = None;
    let mut tell = |told: Told<'_>| {
        if let Some(running) = &running
            && let Err(fault) = running.note(&RealSystem, &told)
        {
            unwritten = Some(fault);
        }
        // A step that cannot be told is in the receipt all the same.
        if let Told::Ended(step) = told {
            drop(output.say(&render::receipt::step(step, output.style)));
        }
    };
    let receipt = apply(&plan, &RealSystem, &options, &mut tell);
    if let Some(running) = running {
        running.end(&RealSystem, &receipt)?;
    }
    output.say(&render::receipt::summary(&receipt))?;
    unwritten.map_or(Ok(()), Err)?;
    status(&receipt)
}

/// Takes the lock, or says who has it.
pub(super) fn lock(work_directory: &Path) -> Result<Lock, Fault> {
    make_private(work_directory)?;
    let lock = work_directory.join(LOCK);
    Lock::take_from_sharers(&lock, PATIENCE)?.ok_or(Fault::Busy { lock })
}

fn replaced(arguments: &ApplyArguments, plan: &Plan) -> Result<Vec<FilesystemName>, Fault> {
    let of = |name: &String| {
        let mut known = plan.filesystems.keys();
        let found = known.find(|known| known.as_str() == name);
        found.cloned().ok_or_else(|| Fault::NotInPlan {
            what: "filesystem",
            name: name.clone(),
        })
    };
    arguments.replaced.iter().map(of).collect()
}

/// Begins the record of the run; a dry run has none.
fn record(arguments: &ApplyArguments, output: &mut Output) -> Result<Option<Running>, Fault> {
    if arguments.dry_run {
        return Ok(None);
    }
    let (running, interrupted) =
        Running::begin(&RealSystem, &arguments.receipts, RealSystem.now())?;
    if let Some(receipt) = interrupted {
        let told = format!(
            "a run before this one was ended in the middle; {} says what it had done\n",
            receipt.display()
        );
        output.warn(&told)?;
    }
    Ok(Some(running))
}

pub(super) fn status(receipt: &Receipt) -> Result<Status, Fault> {
    let failed = receipt.count(|state| matches!(state, State::Failed(_)));
    if failed > 0 {
        return Err(Fault::StepsFailed { failed });
    }
    let is_open = |state: &State| matches!(state, State::Wanted | State::Refused(_));
    Ok(Status::with_errors(receipt.count(is_open) > 0))
}
