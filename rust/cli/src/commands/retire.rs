//! `retire PLAN [--leaked-layers] [--confirm NAME]`

use podman_btrfs_core::plan::Plan;
use podman_btrfs_host::leaked_layers::{Found, SYSTEM, Store};
use podman_btrfs_host::ledger::Ledger;
use podman_btrfs_host::receipt::Receipt;
use podman_btrfs_host::retire::{Request, retire};
use podman_btrfs_host::system::{RealSystem, System as _};
use serde_json::json;

use super::apply::{LEDGER, lock, status};
use super::{Status, plan_of};
use crate::args::{Format, RetireArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &RetireArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    if arguments.leaked_layers {
        return leaked_layers(&plan, arguments, output);
    }
    let file = arguments.receipts.join(LEDGER);
    let Some(name) = &arguments.confirm else {
        let ledger = Ledger::read(&RealSystem, &file)?;
        match arguments.format {
            Format::Json => say_json(&json!({"left": ledger.left}), output)?,
            Format::Text => output.say(&render::left::list(&ledger, RealSystem.now()))?,
        }
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
    end(&receipt, arguments, output)
}

fn leaked_layers(
    plan: &Plan,
    arguments: &RetireArguments,
    output: &mut Output,
) -> Result<Status, Fault> {
    if let Some(name) = arguments.confirm.as_ref().filter(|name| *name != SYSTEM) {
        return Err(Fault::NoSuchStore { name: name.clone() });
    }
    let _held = lock(&arguments.work.work_directory)?;
    let store = Store::of_system(plan, &RealSystem)?;
    if !store.has_layers(&RealSystem)? {
        return say_found(&Found::default(), arguments, output);
    }
    let locks = store.lock(&RealSystem)?;
    if arguments.confirm.is_some() {
        let not_used_by = &arguments.users.not_used_by;
        let receipt = store.delete(&locks, &RealSystem, arguments.dry_run, not_used_by)?;
        drop(locks);
        return end(&receipt, arguments, output);
    }
    let mut found = store.find(&locks, &RealSystem)?;
    // To measure lasts, and Podman need not wait for it.
    drop(locks);
    store.measure(&mut found, &RealSystem);
    say_found(&found, arguments, output)
}

fn say_found(
    found: &Found,
    arguments: &RetireArguments,
    output: &mut Output,
) -> Result<Status, Fault> {
    match arguments.format {
        Format::Json => say_json(&json!({"leakedLayers": found}), output)?,
        Format::Text => output.say(&render::leaked::list(found))?,
    }
    Ok(Status::Fine)
}

fn end(
    receipt: &Receipt,
    arguments: &RetireArguments,
    output: &mut Output,
) -> Result<Status, Fault> {
    match arguments.format {
        Format::Json => say_json(&json!({"receipt": receipt}), output)?,
        Format::Text => {
            for step in &receipt.steps {
                output.say(&render::receipt::step(step, output.style))?;
            }
            if receipt.steps.is_empty() {
                output.say(&render::receipt::summary(receipt))?;
            }
        }
    }
    if !arguments.dry_run && !receipt.steps.is_empty() {
        receipt.keep(&RealSystem, &arguments.receipts)?;
    }
    status(receipt)
}

fn say_json(value: &serde_json::Value, output: &mut Output) -> Result<(), Fault> {
    output.say(&(serde_json::to_string_pretty(value)? + "\n"))
}
