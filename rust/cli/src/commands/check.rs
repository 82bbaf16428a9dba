//! `check FILE`

use podman_btrfs_core::plan;

use super::Status;
use crate::args::{CheckArguments, Format};
use crate::declaration::{self, Declaration};
use crate::fault::Fault;
use crate::finding::has_errors;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &CheckArguments, output: &mut Output) -> Result<Status, Fault> {
    let Declaration { source, spec } = declaration::read(&arguments.file)?;
    let findings = match spec {
        Ok(spec) => source.locate(plan::build(&spec).diagnostics),
        Err(findings) => findings,
    };
    match arguments.format {
        Format::Json => output.say(&render::diagnostics::json(&findings, &source)?)?,
        Format::Text if findings.is_empty() => {
            output.say(&format!("{}: nothing to say\n", source.name))?;
        }
        Format::Text => output.say(&render::diagnostics::report(
            &findings,
            &source,
            output.style,
        ))?,
    }
    Ok(Status::with_errors(has_errors(&findings)))
}
