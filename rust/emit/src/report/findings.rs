//! What the user is told.

use podman_btrfs_core::finding::{Diagnostic, Level};
use podman_btrfs_core::plan::Plan;

use super::markdown::{Document, code, prose};

pub(super) fn write(document: &mut Document, plan: &Plan) {
    document.heading(2, "Findings");
    if plan.diagnostics.is_empty() {
        document.paragraph("None.");
    } else {
        document.list(plan.diagnostics.iter().map(item));
    }
}

fn item(finding: &Diagnostic) -> String {
    let places: Vec<String> = std::iter::once(&finding.at)
        .chain(&finding.related)
        .map(ToString::to_string)
        .filter(|place| !place.is_empty())
        .map(|place| code(&place))
        .collect();
    let at = if places.is_empty() {
        String::new()
    } else {
        format!(" at {}", places.join(", "))
    };
    format!(
        "**{} {}**{at}: {}\n{}",
        level(finding.level),
        prose(&finding.code),
        prose(&finding.message),
        prose(&finding.help)
    )
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Allow => "allowed",
        Level::Note => "note",
        Level::Warn => "warning",
        Level::Error => "error",
    }
}
