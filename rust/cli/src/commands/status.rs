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
    let mut unknown = Vec::new();
    let simulated = beside(&arguments.plan).unwrap_or_else(|why| {
        unknown.push(why);
        BTreeMap::new()
    });
    let mut history = match History::read(&RealSystem, &file) {
        Ok(history) => history,
        // What cannot be read is not written anew either.
        Err(fault) if arguments.record => return Err(fault.into()),
        Err(fault) => {
            unknown.push(fault.to_string());
            History::default()
        }
    };
    if history.strange > 0 {
        let (count, file) = (history.strange, file.display());
        unknown.push(format!(
            "{file}: {count} of its lines are not understood, and passed over"
        ));
    }
    let observed = observe(
        &plan,
        &RealSystem,
        &Places::with_receipts(&arguments.receipts),
    );
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
    unknown.extend(found.unknown());
    for line in &unknown {
        output.warn(&format!("unknown: {}\n", one_line(line)))?;
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
fn beside(plan: &Path) -> Result<BTreeMap<String, Simulated>, String> {
    // Standard input has nothing beside it.
    if plan == Path::new("-") {
        return Ok(BTreeMap::new());
    }
    let file = plan.with_file_name(SIMULATION);
    let text = RealSystem.read(&file).map_err(|fault| fault.to_string())?;
    text.as_deref().map_or_else(
        || Ok(BTreeMap::new()),
        |text| {
            let found = simulated(text);
            found.map_err(|why| format!("{} is not understood: {why}", file.display()))
        },
    )
}
