//! What comes back to a new host in the place of a lost one.

use podman_btrfs_host::copies::size;
use podman_btrfs_host::restore::prospect::{Prospect, State};
use podman_btrfs_host::restore::recover::{Outcome, Report, Workload};
use podman_btrfs_host::restore::when;

use super::table::Table;
use super::words::one_line;
use crate::output::Style;

/// What would come back, before anything is done.
pub(crate) fn prospects(all: &[Workload], style: Style) -> String {
    let mut table = Table::new(&["workload", "as of", "size", "then lost", ""]);
    let unknown = || "-".to_owned();
    for one in all {
        let found = one.prospect.as_ref();
        let taken = found.and_then(|found| found.taken).map(when::shown);
        let lost = found.and_then(|found| found.lost_seconds).map(when::span);
        let bytes = found.and_then(|found| found.bytes).map(size);
        table.row([
            one.copy.clone(),
            taken.unwrap_or_else(unknown),
            bytes.unwrap_or_else(unknown),
            lost.unwrap_or_else(unknown),
            remark(one),
        ]);
    }
    let mut text = table.render(0, style);
    for one in all {
        for note in one.prospect.iter().flat_map(notes) {
            text += &format!("{}: {}\n", one.copy, one_line(&note));
        }
    }
    text
}

fn remark(one: &Workload) -> String {
    let state = one.prospect.as_ref().map(|found| found.state);
    let text = match state {
        Some(State::Waits) => "comes back",
        Some(State::Begun) => "was begun, and is gone on with",
        Some(State::Recovered) => "is back already",
        Some(State::NoCopy) => "no whole copy",
        Some(State::NoVolumes) => "has no volumes",
        None => "refused: see below",
    };
    text.to_owned()
}

fn notes(found: &Prospect) -> Vec<String> {
    let mut notes = found.notes.clone();
    if !found.one_moment {
        notes.push("its subvolumes were taken one after another, not at one moment".to_owned());
    }
    if !found.empty.is_empty() {
        notes.push(format!(
            "in no snapshot, and stays as it is here: {}",
            found.empty.join(", ")
        ));
    }
    notes
}

/// How it ended, one line for each.
pub(crate) fn report(report: &Report, style: Style) -> String {
    report
        .workloads
        .iter()
        .map(|one| line(one, style))
        .collect()
}

fn line(one: &Workload, style: Style) -> String {
    let (word, what) = match one.outcome {
        Outcome::Waits => ("waits", "would come back"),
        Outcome::Recovered => ("done", "is back"),
        Outcome::AlreadyRecovered => ("done", "was back already"),
        Outcome::NoCopy => ("missing", "the target has no whole copy of it"),
        Outcome::NoVolumes => ("nothing", "has no volumes"),
        Outcome::Refused => ("refused", "is not back"),
        Outcome::Failed => ("failed", "is not back; the same command goes on"),
        Outcome::Down => ("down", "is back, and does not run"),
    };
    let mut text = format!("{}: {} {what}\n", style.bold(word), one.copy);
    for note in one.because.iter().chain(&one.notes) {
        text += &format!("  {}\n", one_line(note));
    }
    text
}
