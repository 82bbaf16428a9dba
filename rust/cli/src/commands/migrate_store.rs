//! `migrate-store PLAN`

use podman_btrfs_host::migrate::store::{self, Inside, StoreReport, StoreRequest, migrate_store};
use podman_btrfs_host::migrate::{JOURNALS, Stop};
use podman_btrfs_host::system::RealSystem;

use super::apply::lock;
use super::migrate::{refuse, what};
use super::{Status, plan_of};
use crate::args::{Format, InsideArguments, MigrateStoreArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// Where Podman's configuration of the host is.
const CONFIGURATION: &str = "/etc/containers";

pub(super) fn run(arguments: &MigrateStoreArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let _held = lock(&arguments.work.work_directory)?;
    let request = StoreRequest {
        user: arguments.user.clone(),
        units: arguments.units.clone(),
        not_used_by: arguments.users.not_used_by.clone(),
        leave_containers: arguments.leave_containers,
        what: what(
            arguments.dry_run,
            arguments.forget_source,
            arguments.abandon,
        ),
        keep_days: arguments.keep,
        journals: arguments.receipts.join(JOURNALS),
        configuration: CONFIGURATION.into(),
    };
    let mut told = |part: &str| output.progress(&render::migration::part(part), arguments.format);
    match migrate_store(&plan, &request, &RealSystem, &mut told) {
        Ok(report) => {
            say(&report, arguments.format, output)?;
            Ok(Status::Fine)
        }
        Err(Stop::Refused(because)) => {
            let name = arguments.user.as_deref().unwrap_or("root");
            refuse(&because, ("store", name), arguments.format, output)?;
            Ok(Status::Findings)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
    }
}

fn say(report: &StoreReport, format: Format, output: &mut Output) -> Result<(), Fault> {
    match format {
        Format::Json => output.say(&(serde_json::to_string_pretty(report)? + "\n")),
        Format::Text => output.say(&render::migration::store(report, output.style)),
    }
}

/// The inner part; returns only why it became no Podman.
pub(super) fn inside(arguments: &InsideArguments) -> Fault {
    store::inside(&Inside {
        graph_root: arguments.graph_root.clone(),
        staging: arguments.staging.clone(),
        run_root: arguments.run_root.clone(),
        arguments: arguments.arguments.clone(),
    })
    .into()
}
