//! `plan FILE`

use std::path::Path;

use podman_btrfs_core::finding::has_errors;
use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::simulate::{Simulation, Span, simulate};
use podman_btrfs_core::spec::Spec;
use podman_btrfs_emit::Artefact;

use super::Status;
use crate::args::{Format, PlanArguments, PlanFormat};
use crate::declaration::{self, Declaration, Source};
use crate::fault::Fault;
use crate::finding::Finding;
use crate::out_directory;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &PlanArguments, output: &mut Output) -> Result<Status, Fault> {
    let Declaration { source, spec } = declaration::read(&arguments.file)?;
    let (plan, spec) = match spec {
        Ok(spec) => (plan::build(&spec), spec),
        Err(findings) => return refuse(&source, &findings, arguments.format.into(), output),
    };
    let findings = source.locate(plan.diagnostics.clone());
    if let Some(days) = arguments.simulate
        && let Some(simulation) = simulate(
            &spec,
            Span {
                days,
                ..arguments.from
            },
        )
    {
        return show(&simulation, arguments.format, (&source, &findings), output);
    }
    if has_errors(&plan.diagnostics) {
        return refuse(&source, &findings, arguments.format.into(), output);
    }
    if let Some(directory) = &arguments.out {
        return write((&plan, &spec), directory, (&source, &findings), output);
    }
    match arguments.format {
        PlanFormat::Bundle => output.say(&podman_btrfs_emit::bundle(&plan)?)?,
        PlanFormat::Json => output.say(&(serde_json::to_string_pretty(&plan)? + "\n"))?,
        PlanFormat::Text => {
            output.say(&render::plan::layout(&plan, output.style))?;
            output.say(&render::diagnostics::report(
                &findings,
                &source,
                output.style,
            ))?;
            output.say(&render::plan::summary(&plan, output.style))?;
        }
    }
    Ok(Status::Fine)
}

/// Tells the findings of a declaration that has no plan.
pub(super) fn refuse(
    source: &Source,
    findings: &[Finding],
    format: Format,
    output: &mut Output,
) -> Result<Status, Fault> {
    match format {
        Format::Json => {
            output.say(&render::diagnostics::json(findings, source)?)?;
        }
        Format::Text => output.warn(&render::diagnostics::report(
            findings,
            source,
            output.error_style,
        ))?,
    }
    Ok(Status::Findings)
}

/// Shows a simulated year, also of a plan that it refuses.
fn show(
    simulation: &Simulation,
    format: PlanFormat,
    (source, findings): (&Source, &[Finding]),
    output: &mut Output,
) -> Result<Status, Fault> {
    match format {
        PlanFormat::Json | PlanFormat::Bundle => {
            output.say(&podman_btrfs_emit::simulation::document(simulation)?)?;
        }
        PlanFormat::Text => {
            output.say(&render::simulation::year(simulation, output.style))?;
            output.say(&render::diagnostics::report(findings, source, output.style))?;
        }
    }
    Ok(Status::with_errors(crate::finding::has_errors(findings)))
}

fn write(
    (plan, spec): (&Plan, &Spec),
    directory: &Path,
    (source, findings): (&Source, &[Finding]),
    output: &mut Output,
) -> Result<Status, Fault> {
    let mut artefacts = match simulate(spec, Span::default()) {
        Some(simulation) => podman_btrfs_emit::emit_with(plan, &simulation)?,
        None => podman_btrfs_emit::emit(plan)?,
    };
    artefacts.push(Artefact {
        path: "bundle.json".into(),
        text: podman_btrfs_emit::bundle(plan)?,
    });
    artefacts.sort_by(|a, b| a.path.cmp(&b.path));
    output.warn(&render::diagnostics::report(
        findings,
        source,
        output.error_style,
    ))?;
    match out_directory::write(directory, &artefacts)? {
        Ok(()) => {
            output.say(&render::artefacts::written(directory, &artefacts))?;
            Ok(Status::Fine)
        }
        Err(foreign) => {
            output.warn(&render::artefacts::foreign(
                directory,
                &foreign,
                output.error_style,
            ))?;
            Ok(Status::Findings)
        }
    }
}
