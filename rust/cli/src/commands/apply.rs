//! `apply PLAN`

use std::collections::BTreeMap;

use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::receipt::{Receipt, State, Step};
use podman_btrfs_host::system::RealSystem;

use super::{Status, plan_of};
use crate::args::ApplyArguments;
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// Where the top level of each filesystem is mounted for the time of the run.
const WORK_DIRECTORY: &str = "/run/podman-btrfs";

/// Which volume lies where, beside the receipts, whose names are numbers.
const PLACES: &str = "places.json";

pub(super) fn run(arguments: &ApplyArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let options = Options {
        dry_run: arguments.dry_run,
        devices: BTreeMap::new(),
        work_directory: WORK_DIRECTORY.into(),
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
