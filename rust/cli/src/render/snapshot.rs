//! What `snapshot` and `thaw` did.

use podman_btrfs_core::spec::Consistency;
use podman_btrfs_host::group::frozen::Thawed;
use podman_btrfs_host::group::record::Record;
use podman_btrfs_host::group::take::{Outcome, Report};

use super::words::one_line;
use crate::output::Style;

/// One group snapshot.
pub(crate) fn report(report: &Report, style: Style) -> String {
    let word = style.bold(match report.outcome {
        Outcome::Taken | Outcome::TakenWithLess => "taken",
        Outcome::Unchanged => "unchanged",
        Outcome::Abandoned | Outcome::LeftToAnother => "not taken",
        Outcome::Planned => "would take",
    });
    let mut text = format!("{word}: {}", report.copy);
    if let Some(record) = &report.record {
        text += &summary(report, record);
    }
    text.push('\n');
    for path in &report.snapshots {
        text += &format!("  {}\n", path.display());
    }
    for hook in report.record.iter().flat_map(|record| &record.hooks) {
        let position = hook
            .position
            .as_deref()
            .map(|at| format!(", at {}", one_line(at)));
        let (outcome, position) = (one_line(&hook.outcome), position.unwrap_or_default());
        text += &format!(
            "  {} in {}: {outcome}{position}\n",
            hook.engine, hook.container
        );
    }
    for dump in report.record.iter().flat_map(|record| &record.dumps) {
        let bytes = dump.bytes.map(|bytes| format!(", {bytes} bytes"));
        let bytes = bytes.unwrap_or_default();
        let outcome = one_line(&dump.outcome);
        text += &format!(
            "  dump of {} in {}: {outcome}{bytes}\n",
            dump.engine, dump.container
        );
    }
    if report.outcome == Outcome::Planned && !report.pauses.is_empty() {
        text += &format!("  pauses {}\n", report.pauses.join(", "));
    }
    for told in report.because.iter().chain(&report.notes) {
        text += &format!("  {}\n", one_line(told));
    }
    text
}

fn summary(report: &Report, record: &Record) -> String {
    let members = match record.members.len() {
        1 => "one subvolume".to_owned(),
        several => format!("{several} subvolumes"),
    };
    match report.outcome {
        Outcome::Planned => format!(", {members}, {}", words(record.wanted)),
        Outcome::Abandoned | Outcome::LeftToAnother => format!(", {members}"),
        Outcome::Taken | Outcome::TakenWithLess | Outcome::Unchanged => format!(
            ", {members}, {}, held up for {} ms",
            words(record.reached),
            record.frozen_milliseconds
        ),
    }
}

fn words(consistency: Consistency) -> &'static str {
    match consistency {
        Consistency::None => "each at a moment of its own",
        Consistency::Crash => "as after a power cut",
        Consistency::Application => "its applications quiesced",
    }
}

/// One that failed among several.
pub(crate) fn failed(copy: &str, why: &str, style: Style) -> String {
    format!("{}: {copy}: {}\n", style.bold("failed"), one_line(why))
}

/// What was let go on.
pub(crate) fn thawed(thawed: &Thawed, style: Style) -> String {
    if thawed.went_on.is_empty() && thawed.failed.is_empty() {
        return format!("{}: nothing stands still\n", style.bold("already"));
    }
    let on = thawed
        .went_on
        .iter()
        .map(|one| format!("{}: {}\n", style.bold("goes on"), one_line(one)));
    let not = thawed
        .failed
        .iter()
        .map(|one| format!("{}: {}\n", style.bold("failed"), one_line(one)));
    on.chain(not).collect()
}
