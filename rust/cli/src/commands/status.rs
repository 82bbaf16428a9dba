//! `status PLAN`

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_host::observe::{Places, observe};
use podman_btrfs_host::status::history::{FILE, History, Record};
use podman_btrfs_host::status::{Records, Simulated, simulated, status};
use podman_btrfs_host::system::{RealSystem, System as _};

use super::apply::LEDGER;
use super::{Status, plan_of};
use crate::args::{Format, StatusArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;
use crate::render::words::one_line;

/// What `plan --out` writes beside the plan.
const SIMULATION: &str = "simulation.json";

pub(super) fn run(arguments: &StatusArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let file = arguments.receipts.join(FILE);
    let mut history = History::read(&RealSystem, &file)?;
    let simulated = beside(&arguments.plan, output)?;
    let observed = observe(&plan, &RealSystem, &Places::default());
    let records = Records {
        receipts: &arguments.receipts,
        ledger: &arguments.receipts.join(LEDGER),
        history: &history,
        simulated: &simulated,
    };
    let found = status(&plan, &observed, records, &RealSystem);
    match arguments.format {
        Format::Json => output.say(&(serde_json::to_string_pretty(&found)? + "\n"))?,
        Format::Text => output.say(&render::status::report(&found, output.style))?,
    }
    let unknown = found.unknown();
    for line in &unknown {
        output.warn(&format!("unknown: {}\n", one_line(line)))?;
    }
    if history.strange > 0 {
        let (count, file) = (history.strange, file.display());
        output.warn(&format!(
            "unknown: {file}: {count} of its lines are not understood, and passed over\n"
        ))?;
    }
    if arguments.record {
        match Record::of(&found) {
            Some(record) => history.record(record, &RealSystem, &file)?,
            None => output.warn(
                "nothing is recorded: of no filesystem it is known how much data it holds\n",
            )?,
        }
    }
    Ok(Status::with_errors(!unknown.is_empty()))
}

/// What the simulation says, where one lies beside the plan.
fn beside(plan: &Path, output: &mut Output) -> Result<BTreeMap<String, Simulated>, Fault> {
    let file = plan.with_file_name(SIMULATION);
    // Standard input has nothing beside it.
    let text = if plan == Path::new("-") {
        None
    } else {
        RealSystem.read(&file)?
    };
    match text.as_deref().map(simulated) {
        None => Ok(BTreeMap::new()),
        Some(Ok(found)) => Ok(found),
        Some(Err(why)) => {
            let file = file.display();
            output.warn(&format!(
                "unknown: {file} is not understood: {}\n",
                one_line(&why)
            ))?;
            Ok(BTreeMap::new())
        }
    }
}
