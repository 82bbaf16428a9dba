//! `emergency PLAN FILESYSTEM [--take STEP]`

use podman_btrfs_core::emergency::{Fullness, Proposal};
use podman_btrfs_core::observed::Known;
use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::FilesystemName;
use podman_btrfs_host::emergency::{Request, look, take};
use podman_btrfs_host::observe::Places;
use podman_btrfs_host::receipt::Receipt;
use podman_btrfs_host::system::RealSystem;
use serde_json::json;

use super::apply::{LEDGER, lock, status};
use super::{Status, plan_of};
use crate::args::{EmergencyArguments, Format};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &EmergencyArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let request = Request {
        filesystem: named(&plan, &arguments.filesystem)?,
        ledger: arguments.receipts.join(LEDGER),
        work_directory: arguments.work.work_directory.clone(),
        not_used_by: arguments.users.not_used_by.clone(),
    };
    let Some(name) = &arguments.take else {
        let proposal = proposal(&plan, &request, arguments);
        match arguments.format {
            Format::Json => say_json(&json!({"proposal": proposal}), output)?,
            Format::Text => {
                let text = render::emergency::proposal(&proposal, &again(arguments), output.style);
                output.say(&text)?;
            }
        }
        let is_fine = proposal.fullness == Known::Known(Fullness::NotFull);
        return Ok(Status::with_errors(!is_fine));
    };
    // The work directory is in memory: it is there whatever is full.
    let _held = lock(&arguments.work.work_directory)?;
    let proposal = proposal(&plan, &request, arguments);
    let Some(step) = proposal.steps.iter().find(|step| step.name == *name) else {
        let names: Vec<&str> = proposal.steps.iter().map(|step| &*step.name).collect();
        let proposed = match names[..] {
            [] => "nothing, since nothing is full".to_owned(),
            _ => names.join(", "),
        };
        output.warn(&format!(
            "no step `{name}` is proposed now; proposed is: {proposed}\n"
        ))?;
        return Ok(Status::Findings);
    };
    let mut tell = |text: &str| output.progress(&render::migration::part(text), arguments.format);
    let taken = take(&plan, &request, step, &RealSystem, &mut tell)?;
    match arguments.format {
        Format::Json => say_json(&json!({"taken": taken}), output)?,
        Format::Text => output.say(&render::emergency::taken(&taken, output.style))?,
    }
    keep(&taken.receipt, arguments, output)?;
    status(&taken.receipt)
}

fn named(plan: &Plan, name: &str) -> Result<FilesystemName, Fault> {
    let mut known = plan.filesystems.keys();
    let found = known.find(|known| known.as_str() == name);
    found.cloned().ok_or_else(|| Fault::NotInPlan {
        what: "filesystem",
        name: name.to_owned(),
    })
}

/// With the plan's own path in the commands of this program.
fn proposal(plan: &Plan, request: &Request, arguments: &EmergencyArguments) -> Proposal {
    let mut proposal = look(plan, request, &RealSystem, &Places::default());
    let commands = proposal
        .steps
        .iter_mut()
        .flat_map(|step| &mut step.commands);
    let ours =
        commands.filter(|command| command.first().is_some_and(|word| word == "podman-btrfs"));
    for word in ours.flatten().filter(|word| *word == "PLAN") {
        *word = arguments.plan.display().to_string();
    }
    proposal
}

/// What was typed, without its step.
fn again(arguments: &EmergencyArguments) -> String {
    let quoted = render::emergency::quoted;
    let plan = quoted(&arguments.plan.display().to_string());
    format!(
        "podman-btrfs emergency {plan} {}",
        quoted(&arguments.filesystem)
    )
}

fn say_json(value: &serde_json::Value, output: &mut Output) -> Result<(), Fault> {
    output.say(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// Where the receipts are may be full too; the step was taken all the same.
fn keep(
    receipt: &Receipt,
    arguments: &EmergencyArguments,
    output: &mut Output,
) -> Result<(), Fault> {
    let Err(fault) = receipt.keep(&RealSystem, &arguments.receipts) else {
        return Ok(());
    };
    let instead = arguments.work.work_directory.join("receipts");
    let kept = receipt.keep(&RealSystem, &instead)?;
    output.warn(&format!(
        "{fault}; its record is in {} until the next boot\n",
        kept.display()
    ))
}
