//! `recover PLAN --from TARGET`

use podman_btrfs_host::migrate::Stop;
use podman_btrfs_host::restore::recover::{Request, Workload, recover};
use podman_btrfs_host::restore::{Asked, What};
use podman_btrfs_host::system::RealSystem;

use super::apply::lock;
use super::{Status, plan_of, restore};
use crate::args::{Format, RecoverArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &RecoverArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let restoring = &arguments.restoring;
    let _held = lock(&restoring.work.work_directory)?;
    let each = restore::request("", Asked::default(), What::List, restoring);
    let request = Request {
        copies: arguments.workloads.clone(),
        target: arguments.from.clone(),
        at: arguments.at.clone(),
        dry_run: restoring.dry_run,
        replace_fresh: arguments.replace_fresh,
        allow_missing: arguments.allow_missing,
        each,
    };
    let is_json = restoring.format == Format::Json;
    let output = std::cell::RefCell::new(output);
    let tell = |text: &str| output.borrow_mut().progress(text, restoring.format);
    let mut looked = |all: &[Workload]| {
        let style = output.borrow().style;
        tell(&render::recovery::prospects(all, style));
    };
    let mut told = |part: &str| tell(&render::restoration::part(part));
    let done = recover(&plan, &request, &RealSystem, &mut looked, &mut told);
    let mut output = output.borrow_mut();
    match done {
        Ok(report) => {
            if is_json {
                output.say(&(serde_json::to_string_pretty(&report)? + "\n"))?;
            } else {
                let style = output.style;
                output.say(&render::recovery::report(&report, style))?;
            }
            Ok(Status::with_errors(!report.complete))
        }
        Err(Stop::Refused(because)) if is_json => {
            let value = serde_json::json!({"outcome": "refused", "because": because});
            output.say(&(serde_json::to_string_pretty(&value)? + "\n"))?;
            Ok(Status::Findings)
        }
        Err(Stop::Refused(because)) => {
            let style = output.style;
            output.say(&render::migration::refused(&because, style))?;
            Ok(Status::Findings)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}
