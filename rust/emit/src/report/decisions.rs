//! Every decision: what, by which rule, why, on what evidence, and what would change it.

use std::collections::BTreeMap;
use std::fmt::Write;

use podman_btrfs_core::plan::{Decision, Plan};
use serde_json::Value;

use super::markdown::{Document, code, prose};

/// Decisions in the plan's order, under a heading for each subject at its first one.
pub(super) fn write(document: &mut Document, plan: &Plan) {
    if plan.decisions.is_empty() {
        return;
    }
    document.heading(2, "Decisions");
    document.paragraph("`podman-btrfs explain CODE` prints a rule's page.");
    let mut subjects = Vec::new();
    let mut by_subject = BTreeMap::<_, Vec<&Decision>>::new();
    for decision in &plan.decisions {
        let decisions = by_subject.entry(&decision.subject).or_default();
        if decisions.is_empty() {
            subjects.push(&decision.subject);
        }
        decisions.push(decision);
    }
    for subject in subjects {
        document.heading(3, &prose(&subject.to_string()));
        if let Some(decisions) = by_subject.get(subject) {
            document.list(decisions.iter().map(|decision| item(decision)));
        }
    }
}

fn item(decision: &Decision) -> String {
    let mut item = format!(
        "{} is {} ({}): {}",
        code(&decision.field),
        value(&decision.value),
        prose(&decision.rule),
        prose(&decision.reason)
    );
    if let Some(chosen) = &decision.overridden {
        let _ = write!(
            item,
            "\n- said by {}; the rule would choose {}",
            code(&chosen.at.to_string()),
            value(&chosen.decided)
        );
    }
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

fn value(value: &Value) -> String {
    match value {
        Value::String(text) => code(text),
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            code(&value.to_string())
        }
    }
}
