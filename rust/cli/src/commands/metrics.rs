//! `metrics PLAN`

use podman_btrfs_host::metrics::collect;
use podman_btrfs_host::system::{RealSystem, System as _};

use super::{Status, plan_of};
use crate::args::MetricsArguments;
use crate::fault::Fault;
use crate::output::Output;

pub(super) fn run(arguments: &MetricsArguments, output: &mut Output) -> Result<Status, Fault> {
    let Some(plan) = plan_of(&arguments.plan, output)? else {
        return Ok(Status::Findings);
    };
    let collected = collect(&plan, &RealSystem, &arguments.receipts);
    let text = collected.metrics.text();
    match &arguments.textfile {
        Some(path) => RealSystem.publish(path, &text)?,
        None => output.say(&text)?,
    }
    for line in &collected.unknown {
        output.warn(&format!("unknown: {line}\n"))?;
    }
    Ok(Status::with_errors(!collected.unknown.is_empty()))
}
