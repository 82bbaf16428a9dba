//! What `migrate` does and did.

use podman_btrfs_host::migrate::store::StoreReport;
use podman_btrfs_host::migrate::{Outcome, Report};

use super::words::one_line;
use crate::output::Style;

/// A part of the work as it begins.
pub(crate) fn part(text: &str) -> String {
    format!("{}\n", one_line(text))
}

/// How it ended.
pub(crate) fn report(report: &Report, style: Style) -> String {
    let (word, what) = match report.outcome {
        Outcome::AsPlanned => ("already", "lies as planned"),
        Outcome::NothingThere => (
            "nothing",
            "has no data that could be moved; data from elsewhere is named with `--from`",
        ),
        Outcome::Estimated => ("estimated", "was only looked at"),
        Outcome::Moved => ("done", "lies as planned now"),
        Outcome::Forgotten => ("done", "has no source any more whose days are over"),
        Outcome::Abandoned => ("done", "stays where it is"),
    };
    let mut text = format!("{}: {} {what}\n", style.bold(word), report.volume);
    for kept in &report.kept {
        text += &format!(
            "  its source is kept in {} until {}; `podman-btrfs migrate PLAN {} --forget-source` deletes it then\n",
            one_line(&kept.spot.shown()),
            podman_btrfs_host::migrate::day(kept.until),
            report.volume
        );
    }
    text
}

/// How the move of a store ended.
pub(crate) fn store(report: &StoreReport, style: Style) -> String {
    let (word, what) = match report.outcome {
        Outcome::AsPlanned => ("already", "has the planned driver"),
        Outcome::NothingThere => (
            "nothing",
            "is not begun: Podman makes it with the planned driver",
        ),
        Outcome::Estimated => ("estimated", "was only looked at"),
        Outcome::Moved => ("done", "has the planned driver now"),
        Outcome::Forgotten => ("done", "has no old store any more whose days are over"),
        Outcome::Abandoned => ("done", "stays as it is"),
    };
    let mut text = format!(
        "{}: the store of {} {what}\n",
        style.bold(word),
        report.store
    );
    for kept in &report.kept {
        text += &format!(
            "  the old store is kept in {} until {}; `podman-btrfs migrate-store PLAN --forget-source` deletes it then\n",
            one_line(&kept.spot.shown()),
            podman_btrfs_host::migrate::day(kept.until)
        );
    }
    text
}

/// Why nothing was done.
pub(crate) fn refused(because: &str, style: Style) -> String {
    format!("{}: {}\n", style.bold("refused"), one_line(because))
}
