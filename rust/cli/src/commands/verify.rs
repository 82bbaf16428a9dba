//! `verify PLAN [CONTAINER]…`

use std::path::Path;

use podman_btrfs_host::identity::check;
use podman_btrfs_host::system::RealSystem;
use podman_btrfs_host::update::{JOURNALS, gate};

use super::{Status, plan_of};
use crate::args::{Format, VerifyArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &VerifyArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let mut checked = check(&plan, &arguments.containers, &RealSystem, Path::new("/"))?;
    let journals = arguments.receipts.join(JOURNALS);
    checked.extend(gate::check(
        &plan,
        &arguments.containers,
        &RealSystem,
        &journals,
    )?);
    match arguments.format {
        Format::Json => output.say(&(serde_json::to_string_pretty(&checked)? + "\n"))?,
        Format::Text => output.say(&render::checked::report(&checked, output.style))?,
    }
    Ok(Status::with_errors(
        checked.iter().any(|one| one.wrong.is_some()),
    ))
}
