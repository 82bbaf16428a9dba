//! What came of drills.

use podman_btrfs_host::drill::{Drill, Outcome, Report};
use podman_btrfs_host::restore::when;

use super::words::one_line;
use crate::output::Style;

/// Each drill, the findings first.
pub(crate) fn report(report: &Report, style: Style) -> String {
    let mut text = String::new();
    for one in &report.cleared {
        text += &format!("{}: {}\n", style.bold("cleared"), one_line(one));
    }
    for drill in &report.drills {
        text += &of_drill(drill, style);
    }
    text
}

fn of_drill(drill: &Drill, style: Style) -> String {
    let word = style.bold(match drill.outcome {
        Outcome::Proven => "proven",
        Outcome::Failed => "failed",
        Outcome::Planned => "would drill",
    });
    let mut text = format!("{word}: {} from {}", drill.copy, drill.source);
    if let (Some(point), Some(taken)) = (&drill.point, drill.taken) {
        text += &format!(": {} of {}", one_line(point), when::shown(taken));
    }
    if drill.outcome != Outcome::Planned {
        text += &format!(", in {}", when::span(drill.seconds));
    }
    text.push('\n');
    for finding in &drill.findings {
        let volume = finding.volume.as_ref();
        let volume = volume.map_or_else(String::new, |volume| format!("{volume}: "));
        text += &format!(
            "  {}: {}{}\n",
            style.bold(finding.kind.name()),
            one_line(&volume),
            one_line(&finding.message)
        );
    }
    for line in drill.proofs.iter().chain(&drill.notes) {
        text += &format!("  {}\n", one_line(line));
    }
    text
}
