//! `doctor PLAN`

use podman_btrfs_core::drift::{Drift, drift};
use podman_btrfs_core::finding::Level;
use podman_btrfs_host::metrics::last_apply;
use podman_btrfs_host::observe::{Places, observe};
use podman_btrfs_host::system::RealSystem;
use serde_json::json;

use super::{Status, plan_of};
use crate::args::{DoctorArguments, Format};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &DoctorArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let observed = observe(
        &plan,
        &RealSystem,
        &Places::with_receipts(&arguments.receipts),
    );
    let found = drift(&plan, &observed);
    match arguments.format {
        Format::Json => {
            let document = json!({"drift": found, "observed": observed});
            output.say(&(serde_json::to_string_pretty(&document)? + "\n"))?;
        }
        Format::Text => {
            let applied = last_apply(&RealSystem, &arguments.receipts);
            output.say(&render::drift::report(&found, &applied, output.style))?;
        }
    }
    Ok(Status::with_errors(is_grave(&found)))
}

/// Notes alone are nothing that anybody must see to.
fn is_grave(found: &[Drift]) -> bool {
    found.iter().any(|found| found.level >= Level::Warn)
}
