//! Why each choice about a subject was made.

use podman_btrfs_core::plan::{Decision, Subject};

use super::table::paragraph;
use super::words::{first_of, one_line, value};
use crate::output::Style;

/// How many subjects a message lists.
const SHOWN: usize = 20;

/// The chain of decisions: subject by subject, field by field.
pub(crate) fn decisions(decisions: &[&Decision], style: Style) -> String {
    let mut text = String::new();
    let mut subject: Option<&Subject> = None;
    for decision in decisions {
        if subject != Some(&decision.subject) {
            if subject.is_some() {
                text.push('\n');
            }
            text += &format!("{}\n", style.bold(&decision.subject.to_string()));
            subject = Some(&decision.subject);
        }
        text += &one(decision, style);
    }
    text
}

fn one(decision: &Decision, style: Style) -> String {
    let head = format!("{} = {}", decision.field, value(&decision.value, style));
    let mut text = paragraph(&head, 2, style);
    match &decision.overridden {
        None => text += &paragraph(&format!("{}, {}", decision.reason, decision.rule), 6, style),
        Some(overridden) => {
            text += &paragraph(&format!("said by `{}`", overridden.at), 6, style);
            let decided = if overridden.decided.is_null() {
                "has no choice of its own".to_owned()
            } else {
                format!("would choose {}", value(&overridden.decided, style))
            };
            text += &paragraph(
                &format!("{} {decided}: {}", decision.rule, decision.reason),
                6,
                style,
            );
        }
    }
    if !decision.evidence.is_empty() {
        let facts: Vec<String> = decision
            .evidence
            .iter()
            .map(|(name, fact)| format!("{} {}", one_line(name), one_line(fact)))
            .collect();
        text += &paragraph(&format!("evidence: {}", facts.join(", ")), 6, style);
    }
    text + &paragraph(
        &format!("would change with: {}", decision.would_change),
        6,
        style,
    )
}

/// A name that no decision is about.
pub(crate) fn unknown(wanted: &str, known: &[String], file: &str) -> String {
    format!(
        "nothing was decided about `{}` in {file}\n  help: there are {}\n",
        one_line(wanted),
        first_of(known, SHOWN)
    )
}

/// A name that is no rule's, and no declaration to look for it in.
pub(crate) fn needs_file(wanted: &str) -> String {
    let wanted = one_line(wanted);
    format!(
        "`{wanted}` is no rule's code or name\n  help: of a subject of a declaration say the file too: `podman-btrfs explain {wanted} FILE`\n"
    )
}
