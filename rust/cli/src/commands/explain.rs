//! `explain CODE` and `explain SUBJECT FILE`

use podman_btrfs_core::explain::explain;
use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::rules::{REGISTRY, Rule};
use podman_btrfs_core::spec::Spec;

use super::Status;
use super::plan::refuse;
use crate::args::{ExplainArguments, Format};
use crate::declaration::{self, Declaration};
use crate::fault::Fault;
use crate::finding::has_errors;
use crate::output::Output;
use crate::{render, subject};

pub(super) fn run(arguments: &ExplainArguments, output: &mut Output) -> Result<Status, Fault> {
    let wanted = arguments.subject.as_str();
    let rule = REGISTRY.iter().copied().find(|rule| names(rule, wanted));
    let Some(file) = arguments.file.as_ref().or(arguments.named_file.as_ref()) else {
        return without_file(wanted, rule, arguments.format, output);
    };
    let Declaration { source, spec } = declaration::read(file)?;
    let (spec, plan, findings) = match spec {
        Ok(spec) => {
            let plan = plan::build(&spec);
            let findings = source.locate(plan.diagnostics.clone());
            (spec, plan, findings)
        }
        Err(findings) => (Spec::default(), Plan::refused(Vec::new()), findings),
    };
    if has_errors(&findings) {
        // A page needs no plan.
        if let (Some(rule), Format::Text) = (rule, arguments.format) {
            output.say(rule.page)?;
        }
        return refuse(&source, &findings, arguments.format, output);
    }
    if let Some(rule) = rule {
        let decisions = subject::of_rule(&plan, rule.code);
        match arguments.format {
            Format::Text => {
                output.say(rule.page)?;
                output.say(&render::explain::decisions(&decisions, output.style))?;
            }
            Format::Json => output.say(&render::explain::rule_json(rule, &decisions)?)?,
        }
        return Ok(Status::Fine);
    }
    let subjects = subject::of_name(&plan, wanted);
    if subjects.is_empty() {
        output.warn(&render::explain::unknown(
            wanted,
            &subject::all(&plan),
            &source.name,
        ))?;
        return Ok(Status::Findings);
    }
    let chains = explain(&spec, &plan, &subjects);
    match arguments.format {
        Format::Text => output.say(&render::explain::chains(&chains, output.style))?,
        Format::Json => output.say(&render::explain::json(&chains)?)?,
    }
    Ok(Status::Fine)
}

fn names(rule: &Rule, wanted: &str) -> bool {
    rule.code.eq_ignore_ascii_case(wanted) || rule.name == wanted
}

fn without_file(
    wanted: &str,
    rule: Option<&Rule>,
    format: Format,
    output: &mut Output,
) -> Result<Status, Fault> {
    match (rule, format) {
        (Some(rule), Format::Text) => output.say(rule.page)?,
        (Some(rule), Format::Json) => output.say(&render::explain::rule_json(rule, &[])?)?,
        (None, _) => output.warn(&render::explain::needs_file(wanted))?,
    }
    Ok(Status::with_errors(rule.is_none()))
}
