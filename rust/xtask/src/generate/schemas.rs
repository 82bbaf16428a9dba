//! `nix/docs/src/schema/*.json`: JSON Schemas of the declaration and of the plan.

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::spec::Spec;
use schemars::{Schema, schema_for};

use super::{BY, Output};
use crate::task_error::TaskError;

pub(super) fn spec() -> Result<Output, TaskError> {
    output("nix/docs/src/schema/spec.json", schema_for!(Spec))
}

pub(super) fn plan() -> Result<Output, TaskError> {
    output("nix/docs/src/schema/plan.json", schema_for!(Plan))
}

fn output(path: &'static str, mut schema: Schema) -> Result<Output, TaskError> {
    schema.insert("_generated".to_owned(), BY.into());
    Ok(Output {
        path,
        text: serde_json::to_string_pretty(&schema)? + "\n",
    })
}
