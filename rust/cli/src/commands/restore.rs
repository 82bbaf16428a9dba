//! `restore PLAN WORKLOAD` and `undo PLAN WORKLOAD`

use std::path::Path;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_host::migrate::Stop;
use podman_btrfs_host::restore::{
    Asked, JOURNALS, Report, Request, What, copies_with_undo, restore,
};
use podman_btrfs_host::system::RealSystem;

use super::apply::{LEDGER, lock};
use super::{Status, copies, plan_of};
use crate::args::{Format, RestoreArguments, RestoringArguments, UndoArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &RestoreArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let _held = lock(&arguments.restoring.work.work_directory)?;
    let asked = Asked {
        volumes: arguments.volumes.clone(),
        at: arguments.at.clone(),
        snapshot: arguments.snapshot.clone(),
        from: arguments.from.clone(),
    };
    let Some(workload) = &arguments.workload else {
        return forget_all(&plan, &arguments.restoring, output);
    };
    let request = request(workload, asked, what(arguments), &arguments.restoring);
    one(&plan, &request, arguments.restoring.format, output)
}

pub(super) fn undo(arguments: &UndoArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let _held = lock(&arguments.restoring.work.work_directory)?;
    let what = if arguments.restoring.dry_run {
        What::EstimateUndo
    } else {
        What::Undo
    };
    let request = request(
        &arguments.workload,
        Asked::default(),
        what,
        &arguments.restoring,
    );
    one(&plan, &request, arguments.restoring.format, output)
}

/// Of every workload that has undo points.
fn forget_all(
    plan: &Plan,
    arguments: &RestoringArguments,
    output: &mut Output,
) -> Result<Status, Fault> {
    let copies = copies_with_undo(&RealSystem, &journals(&arguments.receipts))?;
    let mut status = Status::Fine;
    for copy in copies {
        let request = request(&copy, Asked::default(), What::ForgetUndo, arguments);
        if one(plan, &request, arguments.format, output)? == Status::Findings {
            status = Status::Findings;
        }
    }
    Ok(status)
}

pub(super) fn journals(receipts: &Path) -> std::path::PathBuf {
    receipts.join(JOURNALS)
}

pub(super) fn request(
    copy: &str,
    asked: Asked,
    what: What,
    arguments: &RestoringArguments,
) -> Request {
    Request {
        copy: copy.to_owned(),
        asked,
        what,
        units: arguments.units.clone(),
        not_used_by: arguments.users.not_used_by.clone(),
        keep_days: arguments.keep_undo,
        wait_seconds: arguments.wait,
        journals: journals(&arguments.receipts),
        ledger: arguments.receipts.join(LEDGER),
        work_directory: arguments.work.work_directory.clone(),
        copies: copies::request(None, &arguments.reach, &arguments.receipts),
        update: None,
    }
}

fn what(arguments: &RestoreArguments) -> What {
    if let Some(name) = &arguments.under {
        return What::As(name.clone());
    }
    if !arguments.files.is_empty() {
        return What::Files {
            paths: arguments.files.clone(),
            to: arguments.to.clone(),
        };
    }
    if arguments.list {
        return What::List;
    }
    if arguments.forget_undo {
        return What::ForgetUndo;
    }
    match (arguments.continue_begun, arguments.abandon) {
        (true, _) => What::Continue,
        (_, true) => What::Abandon,
        (false, false) if arguments.restoring.dry_run => What::Estimate,
        (false, false) => What::Restore,
    }
}

fn one(
    plan: &Plan,
    request: &Request,
    format: Format,
    output: &mut Output,
) -> Result<Status, Fault> {
    let mut tell = |part: &str| output.progress(&render::restoration::part(part), format);
    match restore(plan, request, &RealSystem, &mut tell) {
        Ok(report) => {
            say(&report, format, output)?;
            Ok(Status::Fine)
        }
        Err(Stop::Refused(because)) => {
            refuse(&because, request, format, output)?;
            Ok(Status::Findings)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

fn say(report: &Report, format: Format, output: &mut Output) -> Result<(), Fault> {
    match format {
        Format::Json => output.say(&(serde_json::to_string_pretty(report)? + "\n")),
        Format::Text => output.say(&render::restoration::report(report, output.style)),
    }
}

fn refuse(
    because: &str,
    request: &Request,
    format: Format,
    output: &mut Output,
) -> Result<(), Fault> {
    match format {
        Format::Json => {
            let value = serde_json::json!({
                "copy": request.copy,
                "outcome": "refused",
                "because": because,
            });
            output.say(&(serde_json::to_string_pretty(&value)? + "\n"))
        }
        Format::Text => output.say(&render::migration::refused(because, output.style)),
    }
}
