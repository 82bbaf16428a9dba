//! `retire PLAN [--confirm NAME]`

use podman_btrfs_host::ledger::Ledger;
use podman_btrfs_host::retire::{Request, retire};
use podman_btrfs_host::system::{RealSystem, System as _};

use super::apply::{LEDGER, lock, status};
use super::{Status, plan_of};
use crate::args::RetireArguments;
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &RetireArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let file = arguments.receipts.join(LEDGER);
    let Some(name) = &arguments.confirm else {
        let ledger = Ledger::read(&RealSystem, &file)?;
        output.say(&render::left::list(&ledger, RealSystem.now()))?;
        return Ok(Status::Fine);
    };
    let _held = lock(&arguments.work.work_directory)?;
    let request = Request {
        name: name.clone(),
        now: arguments.now,
        dry_run: arguments.dry_run,
        not_used_by: arguments.users.not_used_by.clone(),
        ledger: file,
        work_directory: arguments.work.work_directory.clone(),
    };
    let receipt = retire(&plan, &request, &RealSystem)?;
    if receipt.steps.is_empty() {
        return Err(Fault::NothingLeft { name: name.clone() });
    }
    for step in &receipt.steps {
        output.say(&render::receipt::step(step, output.style))?;
    }
    if !arguments.dry_run {
        receipt.keep(&RealSystem, &arguments.receipts)?;
    }
    status(&receipt)
}
