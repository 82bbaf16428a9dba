//! `copies PLAN [TARGET]`

use std::path::Path;

use podman_btrfs_core::finding::Level;
use podman_btrfs_core::plan::Plan;
use podman_btrfs_host::copies::{Request, begin_anew, look, may_run, open, size};
use podman_btrfs_host::remote::{Remote, Target};
use podman_btrfs_host::system::RealSystem;
use serde_json::json;

use super::{Status, plan_of};
use crate::args::{CopiesArguments, Format, ReachArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &CopiesArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let target = arguments.target.as_deref();
    let request = request(target, &arguments.reach, &arguments.receipts);
    if let Some(name) = &request.target {
        let jobs = &plan.protection.jobs;
        let is_known = jobs
            .iter()
            .any(|job| job.targets.keys().any(|known| known.as_str() == name));
        if !is_known {
            return Err(Fault::NotInPlan {
                what: "target",
                name: name.clone(),
            });
        }
    }
    if let Some(run) = &arguments.may_run {
        return may(&plan, run, &request, output);
    }
    if let Some(copy) = &arguments.begin_anew {
        return anew(&plan, copy, &request, output);
    }
    if let (Some(target), Some(name), Some(into)) =
        (&request.target, &arguments.fetch, &arguments.into)
    {
        let target = open(&plan, target, &request, &RealSystem)?;
        return fetch(&target, name, into, arguments, output);
    }
    let report = look(&plan, &request, &RealSystem)?;
    match arguments.format {
        Format::Json => output.say(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        Format::Text => output.say(&render::targets::report(&report, output.style))?,
    }
    let is_grave = report.findings.iter().any(|one| one.level >= Level::Warn);
    Ok(Status::with_errors(is_grave))
}

/// What a run of btrbk asks before it begins.
fn may(plan: &Plan, run: &str, request: &Request, output: &mut Output) -> Result<Status, Fault> {
    let (may, findings) = may_run(plan, run, request, &RealSystem)?;
    for finding in &findings {
        output.say(&render::targets::of_finding(finding, output.style))?;
    }
    if !may {
        output.say(&format!("{run} is not run until that is decided\n"))?;
    }
    Ok(Status::with_errors(!may))
}

/// What lies here is meant to have begun anew.
fn anew(plan: &Plan, copy: &str, request: &Request, output: &mut Output) -> Result<Status, Fault> {
    let places = begin_anew(plan, copy, request, &RealSystem)?;
    if places.is_empty() {
        return Err(Fault::NotInPlan {
            what: "workload that is sent to a target",
            name: copy.to_owned(),
        });
    }
    let places = places.join(", ");
    output.say(&format!(
        "{copy} is meant to have begun anew ({places}): the next run sends it, and the copies of what was before are thinned as declared\n"
    ))?;
    Ok(Status::Fine)
}

/// How targets are reached; `None`: all of them.
pub(super) fn request(target: Option<&str>, reach: &ReachArguments, receipts: &Path) -> Request {
    Request {
        target: target.map(str::to_owned),
        identity: reach.identity.clone(),
        configurations: reach.btrbk.clone(),
        receipts: receipts.to_owned(),
        gnupg_home: reach.gnupg_home.clone(),
    }
}

/// Brings one copy here; how much it is, is said before.
fn fetch(
    target: &Target<'_>,
    name: &str,
    into: &Path,
    arguments: &CopiesArguments,
    output: &mut Output,
) -> Result<Status, Fault> {
    let parent = arguments.parent.as_deref();
    let bytes = target.size(name, parent)?;
    if arguments.format == Format::Text {
        output.say(&format!("{name}: about {}\n", size(bytes)))?;
    }
    let place = target.fetch(name, into, parent)?;
    match arguments.format {
        Format::Json => {
            let value = json!({"copy": name, "place": place, "bytes": bytes});
            output.say(&(serde_json::to_string_pretty(&value)? + "\n"))?;
        }
        Format::Text => output.say(&format!("brought to {}\n", place.display()))?,
    }
    Ok(Status::Fine)
}
