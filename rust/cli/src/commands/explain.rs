//! `explain CODE` and `explain SUBJECT FILE`

use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::rules::{REGISTRY, Rule};

use super::Status;
use crate::args::ExplainArguments;
use crate::declaration::{self, Declaration};
use crate::fault::Fault;
use crate::finding::has_errors;
use crate::output::Output;
use crate::{render, subject};

pub(super) fn run(arguments: &ExplainArguments, output: &mut Output) -> Result<Status, Fault> {
    let wanted = arguments.subject.as_str();
    let rule = REGISTRY.iter().find(|rule| names(rule, wanted));
    if let Some(rule) = rule {
        output.say(rule.page)?;
    }
    let Some(file) = arguments.file.as_ref().or(arguments.named_file.as_ref()) else {
        return without_file(wanted, rule.is_some(), output);
    };
    let Declaration { source, spec } = declaration::read(file)?;
    let (plan, findings) = match spec {
        Ok(spec) => {
            let plan = plan::build(&spec);
            let findings = source.locate(plan.diagnostics.clone());
            (plan, findings)
        }
        Err(findings) => (Plan::refused(Vec::new()), findings),
    };
    if has_errors(&findings) {
        output.warn(&render::diagnostics::report(
            &findings,
            &source,
            output.error_style,
        ))?;
        return Ok(Status::Findings);
    }
    let decisions = match rule {
        Some(rule) => subject::of_rule(&plan, rule.code),
        None => subject::of_name(&plan, wanted),
    };
    if decisions.is_empty() && rule.is_none() {
        output.warn(&render::explain::unknown(
            wanted,
            &subject::all(&plan),
            &source.name,
        ))?;
        return Ok(Status::Findings);
    }
    output.say(&render::explain::decisions(&decisions, output.style))?;
    Ok(Status::Fine)
}

fn names(rule: &Rule, wanted: &str) -> bool {
    rule.code.eq_ignore_ascii_case(wanted) || rule.name == wanted
}

fn without_file(wanted: &str, is_rule: bool, output: &mut Output) -> Result<Status, Fault> {
    if !is_rule {
        output.warn(&render::explain::needs_file(wanted))?;
    }
    Ok(Status::with_errors(!is_rule))
}
