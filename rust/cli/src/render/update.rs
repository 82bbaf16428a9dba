//! What `update` did.

use podman_btrfs_host::update::{Outcome, Report};

use super::words::one_line;
use crate::output::Style;

/// All of them.
pub(crate) fn reports(reports: &[Report], style: Style) -> String {
    if reports.is_empty() {
        return format!(
            "{}: no update was begun, and none is due\n",
            style.bold("nothing")
        );
    }
    reports.iter().map(|one| report(one, style)).collect()
}

/// How one ended.
fn report(report: &Report, style: Style) -> String {
    let (word, what) = match report.outcome {
        Outcome::Estimated => ("estimated", "was only looked at"),
        Outcome::NothingToDo => ("nothing", "runs the newest images that are known"),
        Outcome::Updated => ("done", "runs on what is new"),
        Outcome::WentBack => ("went back", "runs on its old image and its old data"),
        Outcome::GivenUp => ("given up", "is as it was"),
    };
    let mut text = format!(
        "{}: {} {what}\n",
        style.bold(word),
        report.copies.join(", ")
    );
    for told in report.because.iter().chain(&report.notes) {
        text += &format!("  {}\n", one_line(told));
    }
    text
}
