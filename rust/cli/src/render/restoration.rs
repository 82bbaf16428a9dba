//! What `restore` and `undo` do and did.

use podman_btrfs_host::restore::catalogue::Point;
use podman_btrfs_host::restore::{Outcome, Report, when};

use super::words::one_line;
use crate::output::Style;

/// A part of the work as it begins; what is told in lines stays so.
pub(crate) fn part(text: &str) -> String {
    text.lines().map(|line| indented(line) + "\n").collect()
}

/// A line with nothing in it that a terminal would obey, and the blanks before it.
fn indented(line: &str) -> String {
    let text = line.trim_start();
    let blanks = line.len() - text.len();
    format!("{}{}", " ".repeat(blanks), one_line(text))
}

/// How it ended.
pub(crate) fn report(report: &Report, style: Style) -> String {
    let (word, what) = match report.outcome {
        Outcome::Listed => return list(report, style),
        Outcome::Estimated => ("estimated", "was only looked at"),
        Outcome::Restored => ("done", "is restored"),
        Outcome::Undone => ("done", "is as it was before"),
        Outcome::Abandoned => ("done", "stays as it is"),
        Outcome::Forgotten => ("done", "has no undo point any more whose days are over"),
    };
    let mut text = format!("{}: {} {what}\n", style.bold(word), report.copy);
    for note in &report.notes {
        text += &format!("  {}\n", one_line(note));
    }
    text
}

fn list(report: &Report, style: Style) -> String {
    if report.points.is_empty() {
        return format!(
            "{}: {} has no snapshot\n",
            style.bold("nothing"),
            report.copy
        );
    }
    report.points.iter().rev().map(line).collect()
}

fn line(point: &Point) -> String {
    let moment = if point.one_moment {
        "one moment"
    } else {
        "not one moment"
    };
    let missing = if point.missing.is_empty() {
        String::new()
    } else {
        format!("; lacks {}", point.missing.join(", "))
    };
    let members: Vec<&str> = point.members.keys().map(String::as_str).collect();
    let text = format!(
        "{}  {}  {}: {}; {moment}, {}{missing}",
        when::shown(point.taken),
        point.id,
        members.join(", "),
        point.origin.shown(),
        point.consistency
    );
    one_line(&text) + "\n"
}
