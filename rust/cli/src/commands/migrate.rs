//! `migrate PLAN WORKLOAD/VOLUME`

use std::path::PathBuf;

use podman_btrfs_host::migrate::{JOURNALS, Report, Request, Stop, What, migrate, podman_volume};
use podman_btrfs_host::system::RealSystem;

use super::apply::{LEDGER, lock};
use super::{Status, plan_of};
use crate::args::{Format, MigrateArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

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
        what: what(
            arguments.dry_run,
            arguments.forget_source,
            arguments.abandon,
        ),
        keep_days: arguments.keep,
        journals: arguments.receipts.join(JOURNALS),
        ledger: arguments.receipts.join(LEDGER),
        work_directory: arguments.work.work_directory.clone(),
    };
    let mut tell = |part: &str| output.progress(&render::migration::part(part), arguments.format);
    match migrate(&plan, &request, &RealSystem, &mut tell) {
        Ok(report) => {
            say(&report, arguments.format, output)?;
            Ok(Status::Fine)
        }
        Err(Stop::Refused(because)) => {
            let volume = ("volume", &*arguments.volume);
            refuse(&because, volume, arguments.format, output)?;
            Ok(Status::Findings)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

pub(super) fn what(dry_run: bool, forget_source: bool, abandon: bool) -> What {
    match (dry_run, forget_source, abandon) {
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

/// Says why nothing was done about what has this name.
pub(super) fn refuse(
    because: &str,
    (kind, name): (&str, &str),
    format: Format,
    output: &mut Output,
) -> Result<(), Fault> {
    match format {
        Format::Json => {
            let value = serde_json::json!({kind: name, "outcome": "refused", "because": because});
            output.say(&(serde_json::to_string_pretty(&value)? + "\n"))
        }
        Format::Text => output.say(&render::migration::refused(because, output.style)),
    }
}
