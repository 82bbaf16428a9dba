//! `schema spec|plan`

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::spec::Spec;
use schemars::schema_for;

use super::Status;
use crate::args::SchemaOf;
use crate::fault::Fault;
use crate::output::Output;

pub(super) fn run(of: SchemaOf, output: &mut Output) -> Result<Status, Fault> {
    let schema = match of {
        SchemaOf::Spec => schema_for!(Spec),
        SchemaOf::Plan => schema_for!(Plan),
    };
    output.say(&(serde_json::to_string_pretty(&schema)? + "\n"))?;
    Ok(Status::Fine)
}
