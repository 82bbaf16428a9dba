//! `apply PLAN`

use std::collections::BTreeMap;

use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::lock::Lock;
use podman_btrfs_host::receipt::{Receipt, State, Step};
use podman_btrfs_host::system::RealSystem;

use super::{Status, make_private, plan_of};
use crate::args::ApplyArguments;
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// The lock in the work directory.
const LOCK: &str = "apply.lock";

/// Which volume lies where, beside the receipts, whose names are numbers.
const PLACES: &str = "places.json";

pub(super) fn run(arguments: &ApplyArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    make_private(&arguments.work_directory)?;
    let lock = arguments.work_directory.join(LOCK);
    let Some(_held) = Lock::take_if_free(&lock)? else {
        return Err(Fault::Busy { lock });
    };
    let options = Options {
        dry_run: arguments.dry_run,
        devices: BTreeMap::new(),
        work_directory: arguments.work_directory.clone(),
        places: Some(arguments.receipts.join(PLACES)),
    };
    // A step that cannot be told is in the receipt all the same.
    let mut tell = |step: &Step| drop(output.say(&render::receipt::step(step, output.style)));
    let receipt = apply(&plan, &RealSystem, &options, &mut tell);
    if !arguments.dry_run {
        receipt.keep(&RealSystem, &arguments.receipts)?;
    }
    output.say(&render::receipt::summary(&receipt))?;
    status(&receipt)
}

fn status(receipt: &Receipt) -> Result<Status, Fault> {
    let failed = receipt.count(|state| matches!(state, State::Failed(_)));
    if failed > 0 {
        return Err(Fault::StepsFailed { failed });
    }
    Ok(Status::with_errors(!receipt.is_complete()))
}
