//! What lies at the targets of copies.

use podman_btrfs_core::finding::Level;
use podman_btrfs_host::copies::{
    CopyFinding, Report, SeriesReport, TargetReport, TargetState, size,
};

use super::table::{Table, paragraph};
use super::words::{count, one_line};
use crate::output::Style;

/// Each target with its series, then what somebody is to know.
pub(crate) fn report(report: &Report, style: Style) -> String {
    let mut text = String::new();
    if report.targets.is_empty() {
        text.push_str("no policy of the plan sends copies anywhere\n");
    }
    for target in &report.targets {
        text += &of_target(target, style);
        text.push('\n');
    }
    for finding in &report.findings {
        text += &of_finding(finding, style);
    }
    if report.findings.is_empty() && !report.targets.is_empty() {
        text.push_str("nothing is wrong\n");
    }
    text
}

fn of_target(target: &TargetReport, style: Style) -> String {
    let state = match target.state {
        TargetState::Present => match (target.free_bytes, target.capacity_bytes) {
            (Some(free), Some(capacity)) => {
                format!("takes {} more, of {}", size(free), size(capacity))
            }
            (_, _) => "present".to_owned(),
        },
        TargetState::Absent => "away".to_owned(),
        TargetState::Unknown => "cannot be looked at".to_owned(),
    };
    let (name, url) = (style.bold(&target.name), &target.url);
    let form = if target.encrypted { ", encrypted" } else { "" };
    let mut text = format!("{name}  {url}{form}: {state}\n");
    let mut table = Table::new(&["series", "here", "there", "newest copy", "next send"]);
    for one in &target.series {
        table.row([
            one.series.clone(),
            one.here.to_string(),
            match one.file_bytes {
                Some(bytes) => format!("{}, {}", one.there, size(bytes)),
                None => one.there.to_string(),
            },
            one.newest.clone().unwrap_or_else(|| "none".into()),
            next(one),
        ]);
    }
    if !table.is_empty() {
        text += &table.render(2, style);
    }
    text
}

fn next(one: &SeriesReport) -> String {
    let Some(next) = &one.next else {
        return "nothing waits".into();
    };
    let bytes = next.bytes.map_or_else(
        || "of unknown size".into(),
        |bytes| format!("about {}", size(bytes)),
    );
    let kind = if one.parent.is_some() {
        "a difference"
    } else {
        "whole"
    };
    format!(
        "{kind}, {bytes}; {} waiting",
        count(one.waiting, "snapshot")
    )
}

pub(crate) fn of_finding(one: &CopyFinding, style: Style) -> String {
    let level = match one.level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Note => "note",
        Level::Allow => "allow",
    };
    let subject = match &one.series {
        Some(series) => format!("{}, {series}", one.target),
        None => one.target.clone(),
    };
    format!(
        "{} {}: {}\n{}",
        style.bold(&format!("{level:<5}")),
        one_line(&subject),
        one_line(&one.message),
        style.dim(&paragraph(&one_line(&one.help), 6, style))
    )
}
