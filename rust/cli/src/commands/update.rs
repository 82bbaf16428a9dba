//! `update PLAN WORKLOAD`, `update PLAN --auto`, `update PLAN --resume`

use std::path::PathBuf;

use podman_btrfs_host::copies;
use podman_btrfs_host::restore::{self, Asked};
use podman_btrfs_host::stop::Stop;
use podman_btrfs_host::system::RealSystem;
use podman_btrfs_host::update::{JOURNALS, Report, Request, What, update};

use super::apply::{LEDGER, lock};
use super::snapshot::THIS;
use super::{Status, plan_of};
use crate::args::{Format, UpdateArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// How many seconds what goes back has to become healthy.
const WAIT: u64 = 120;

pub(super) fn run(arguments: &UpdateArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let _held = lock(&arguments.work.work_directory)?;
    let request = request(arguments);
    let is_json = arguments.format == Format::Json;
    let mut tell = |part: &str| output.progress(&render::restoration::part(part), arguments.format);
    match update(&plan, &request, &RealSystem, &mut tell) {
        Ok(reports) => {
            say(&reports, is_json, output)?;
            Ok(Status::with_errors(reports.iter().any(Report::is_finding)))
        }
        Err(Stop::Refused(because)) => {
            if is_json {
                let value = serde_json::json!([{"copies": arguments.workload, "outcome": "refused", "because": because}]);
                output.say(&(serde_json::to_string_pretty(&value)? + "\n"))?;
            } else {
                output.say(&render::migration::refused(&because, output.style))?;
            }
            Ok(Status::Findings)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

fn say(reports: &[Report], is_json: bool, output: &mut Output) -> Result<(), Fault> {
    if is_json {
        return output.say(&(serde_json::to_string_pretty(reports)? + "\n"));
    }
    output.say(&render::update::reports(reports, output.style))
}

fn request(arguments: &UpdateArguments) -> Request {
    let copy = arguments.workload.clone().unwrap_or_default();
    let what = match (arguments.auto, arguments.resume) {
        (true, _) => What::Auto,
        (_, true) => What::Resume,
        _ if arguments.back => What::Back(copy),
        _ if arguments.dry_run => What::Estimate(copy),
        _ => What::Update(copy),
    };
    Request {
        what,
        images: arguments.images.iter().cloned().collect(),
        no_pull: arguments.no_pull,
        window_seconds: arguments.health_window,
        journals: arguments.receipts.join(JOURNALS),
        program: PathBuf::from(THIS),
        restoring: restoring(arguments),
    }
}

/// How data is put back.
fn restoring(arguments: &UpdateArguments) -> restore::Request {
    restore::Request {
        copy: String::new(),
        asked: Asked::default(),
        what: restore::What::Restore,
        units: arguments.units.clone(),
        not_used_by: arguments.users.not_used_by.clone(),
        keep_days: arguments.keep_undo,
        wait_seconds: WAIT,
        journals: super::restore::journals(&arguments.receipts),
        ledger: arguments.receipts.join(LEDGER),
        work_directory: arguments.work.work_directory.clone(),
        // What an update takes back is on this host.
        copies: copies::Request {
            target: None,
            identity: None,
            configurations: PathBuf::new(),
            receipts: PathBuf::new(),
            gnupg_home: None,
        },
        update: None,
    }
}
