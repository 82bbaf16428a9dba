//! Every decision: what, by which rule, why, on what evidence, and what would change it.

use std::collections::BTreeMap;
use std::fmt::Write;

use podman_btrfs_core::plan::{Decision, Override, Plan, Subject};
use serde_json::{Value, json};

use super::markdown::{Document, code, prose};

/// Filesystems first, then the host, the engine, policies, and each workload with its volumes; the decisions
/// about one subject in the plan's order, which is the order they were taken in.
pub(super) fn write(document: &mut Document, plan: &Plan) {
    if plan.decisions.is_empty() {
        return;
    }
    document.heading(2, "Decisions");
    document.paragraph("`podman-btrfs explain CODE` prints a rule's page.");
    let mut by_subject = BTreeMap::<_, Vec<&Decision>>::new();
    for decision in &plan.decisions {
        by_subject
            .entry(place(&decision.subject))
            .or_default()
            .push(decision);
    }
    for decisions in by_subject.values() {
        if let Some(first) = decisions.first() {
            document.heading(3, &prose(&first.subject.to_string()));
            document.list(decisions.iter().map(|decision| item(decision)));
        }
    }
}

/// Where a subject stands: its kind, its name, and for a volume its own name after the workload's.
fn place(subject: &Subject) -> (u8, &str, Option<&str>) {
    match subject {
        Subject::Filesystem(name) => (0, name, None),
        Subject::Host => (1, "", None),
        Subject::Engine => (2, "", None),
        Subject::Policy(name) => (3, name, None),
        Subject::Workload(name) => (4, name, None),
        Subject::Volume(workload, name) => (4, workload, Some(name)),
    }
}

fn item(decision: &Decision) -> String {
    let field = code(&decision.field);
    let value_in_effect = value(&decision.value);
    let rule = prose(&decision.rule);
    let reason = prose(&decision.reason);
    // The reason is the rule's: beside another choice it would explain what is not there.
    let mut item = match &decision.overridden {
        None => format!("{field} is {value_in_effect} ({rule}): {reason}"),
        Some(Override { at, decided }) => {
            let at = code(&at.to_string());
            let decided = value(decided);
            format!(
                "{field} is {value_in_effect}, said by {at}\n- {rule} would choose {decided}: {reason}"
            )
        }
    };
    if !decision.evidence.is_empty() {
        let evidence: Vec<String> = decision
            .evidence
            .iter()
            .map(|(name, fact)| format!("{} {}", prose(name), code(fact)))
            .collect();
        let _ = write!(item, "\n- evidence: {}", evidence.join(", "));
    }
    if !decision.would_change.is_empty() {
        let _ = write!(
            item,
            "\n- would change with: {}",
            prose(&decision.would_change)
        );
    }
    item
}

/// A value in one line; `null` inside an object says "not said" and is left out.
fn value(value: &Value) -> String {
    match value {
        Value::String(text) => code(text),
        Value::Null => "not set".to_owned(),
        Value::Object(fields) => {
            let said: BTreeMap<_, _> = fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .collect();
            code(&json!(said).to_string())
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => code(&value.to_string()),
    }
}
