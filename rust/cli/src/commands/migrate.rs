//! `migrate PLAN WORKLOAD/VOLUME`

use std::path::PathBuf;

use podman_btrfs_host::migrate::{Report, Request, Stop, What, migrate, podman_volume};
use podman_btrfs_host::system::RealSystem;

use super::apply::{LEDGER, lock};
use super::{Status, plan_of};
use crate::args::{Format, MigrateArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// The journals, beside the ledger.
const JOURNALS: &str = "migrations";

pub(super) fn run(arguments: &MigrateArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let _held = lock(&arguments.work.work_directory)?;
    let request = Request {
        volume: arguments.volume.clone(),
        from: from(arguments)?,
        units: arguments.units.clone(),
        not_used_by: arguments.users.not_used_by.clone(),
        what: what(arguments),
        keep_days: arguments.keep,
        journals: arguments.receipts.join(JOURNALS),
        ledger: arguments.receipts.join(LEDGER),
        work_directory: arguments.work.work_directory.clone(),
    };
    let is_json = arguments.format == Format::Json;
    let mut tell = |part: &str| {
        // Where nobody reads any more the move goes on all the same.
        if is_json {
            drop(output.warn(&render::migration::part(part)));
        } else {
            drop(output.say(&render::migration::part(part)));
        }
    };
    match migrate(&plan, &request, &RealSystem, &mut tell) {
        Ok(report) => {
            say(&report, arguments.format, output)?;
            Ok(Status::Fine)
        }
        Err(Stop::Refused(because)) => {
            refuse(&because, arguments, output)?;
            Ok(Status::Findings)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

fn what(arguments: &MigrateArguments) -> What {
    match (
        arguments.dry_run,
        arguments.forget_source,
        arguments.abandon,
    ) {
        (true, _, _) => What::Estimate,
        (_, true, _) => What::ForgetSource,
        (_, _, true) => What::Abandon,
        (false, false, false) => What::Move,
    }
}

fn from(arguments: &MigrateArguments) -> Result<Option<PathBuf>, Fault> {
    let Some(name) = &arguments.from_podman_volume else {
        return Ok(arguments.from.clone());
    };
    let path = podman_volume::path(&RealSystem, name, arguments.of_user.as_deref())?;
    Ok(Some(path))
}

fn say(report: &Report, format: Format, output: &mut Output) -> Result<(), Fault> {
    match format {
        Format::Json => output.say(&(serde_json::to_string_pretty(report)? + "\n")),
        Format::Text => output.say(&render::migration::report(report, output.style)),
    }
}

fn refuse(because: &str, arguments: &MigrateArguments, output: &mut Output) -> Result<(), Fault> {
    match arguments.format {
        Format::Json => {
            let value = serde_json::json!({
                "volume": arguments.volume,
                "outcome": "refused",
                "because": because,
            });
            output.say(&(serde_json::to_string_pretty(&value)? + "\n"))
        }
        Format::Text => output.say(&render::migration::refused(because, output.style)),
    }
}
