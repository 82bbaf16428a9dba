//! `drill PLAN [WORKLOAD]...`

use podman_btrfs_host::drill::record::FILE;
use podman_btrfs_host::drill::{Report, Request, clear, drill};
use podman_btrfs_host::lock::Lock;
use podman_btrfs_host::restore::{self, Asked, What};
use podman_btrfs_host::stop::Stop;
use podman_btrfs_host::system::RealSystem;

use super::apply::LEDGER;
use super::restore::journals;
use super::{Status, copies, make_private, plan_of};
use crate::args::{DrillArguments, Format};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// Drills keep each other apart, and nobody else waits for them.
const LOCK: &str = "drill.lock";

pub(super) fn run(arguments: &DrillArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let directory = &arguments.work.work_directory;
    make_private(directory)?;
    let lock = directory.join(LOCK);
    let Some(_held) = Lock::take_if_free(&lock)? else {
        return Err(Fault::Busy { lock });
    };
    let is_json = arguments.format == Format::Json;
    let mut tell = |part: &str| output.progress(&render::restoration::part(part), arguments.format);
    let request = request(arguments);
    let ended = if arguments.clear {
        clear(&plan, &request, &RealSystem)
    } else {
        drill(&plan, &request, &RealSystem, &mut tell)
    };
    match ended {
        Ok(report) => say(&report, is_json, output),
        Err(Stop::Refused(because)) => {
            let text = if is_json {
                let value = serde_json::json!({"outcome": "refused", "because": because});
                serde_json::to_string_pretty(&value)? + "\n"
            } else {
                render::migration::refused(&because, output.style)
            };
            output.say(&text)?;
            Ok(Status::Findings)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

fn request(arguments: &DrillArguments) -> Request {
    Request {
        copies: arguments.copies.clone(),
        from: arguments.from.clone(),
        everywhere: arguments.everywhere,
        wait_seconds: arguments.wait,
        dry_run: arguments.dry_run,
        record: arguments.receipts.join(FILE),
        restore: restore::Request {
            copy: String::new(),
            asked: Asked::default(),
            what: What::List,
            units: Vec::new(),
            not_used_by: Vec::new(),
            update: None,
            keep_days: 0,
            wait_seconds: 0,
            journals: journals(&arguments.receipts),
            ledger: arguments.receipts.join(LEDGER),
            work_directory: arguments.work.work_directory.clone(),
            copies: copies::request(None, &arguments.reach, &arguments.receipts),
        },
    }
}

fn say(report: &Report, is_json: bool, output: &mut Output) -> Result<Status, Fault> {
    if is_json {
        output.say(&(serde_json::to_string_pretty(report)? + "\n"))?;
    } else {
        output.say(&render::drill::report(report, output.style))?;
    }
    let mut drills = report.drills.iter();
    Ok(Status::with_errors(
        drills.any(|one| !one.findings.is_empty()),
    ))
}
