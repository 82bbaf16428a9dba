//! `diff OLD NEW`

use std::path::Path;

use podman_btrfs_core::diff;
use podman_btrfs_core::finding::has_errors;
use podman_btrfs_core::plan::{self, Plan};

use super::Status;
use super::plan::refuse;
use crate::args::{DiffArguments, Format};
use crate::declaration::{self, Declaration, Source};
use crate::fault::Fault;
use crate::finding::Finding;
use crate::output::Output;
use crate::{input, render};

pub(super) fn run(arguments: &DiffArguments, output: &mut Output) -> Result<Status, Fault> {
    let mut plans = Vec::new();
    for file in [&arguments.old, &arguments.new] {
        match read(file)? {
            Ok(plan) => plans.push(plan),
            Err((source, findings)) => {
                return refuse(&source, &findings, arguments.format, output);
            }
        }
    }
    let [old, new] = plans.as_slice() else {
        return Ok(Status::Fine);
    };
    let differences = diff::compare(old, new);
    match arguments.format {
        Format::Json => output.say(&render::diff::json(&differences)?)?,
        Format::Text => output.say(&render::diff::text(&differences, output.style))?,
    }
    Ok(Status::with_errors(diff::needs_a_person(&differences)))
}

/// The plan of a file: as it stands there, or of the declaration that stands there.
fn read(file: &Path) -> Result<Result<Plan, (Source, Vec<Finding>)>, Fault> {
    let text = input::read(file)?;
    if let Ok(text) = &text
        && input::is_plan(text)
    {
        return Ok(input::plan_or_bundle(text)
            .map_err(|finding| (Source::named(input::name(file)), vec![*finding])));
    }
    let Declaration { source, spec } = declaration::of_text(file, text);
    Ok(match spec {
        Ok(spec) => {
            let plan = plan::build(&spec);
            if has_errors(&plan.diagnostics) {
                let findings = source.locate(plan.diagnostics);
                Err((source, findings))
            } else {
                Ok(plan)
            }
        }
        Err(findings) => Err((source, findings)),
    })
}
