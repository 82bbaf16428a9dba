//! What `apply` did.

use podman_btrfs_host::receipt::{Receipt, State, Step};

use super::words::{count, one_line};
use crate::output::Style;

/// One step as it ends.
pub(crate) fn step(step: &Step, style: Style) -> String {
    let (word, because) = match &step.state {
        State::Already => ("already", None),
        State::Wanted => ("wanted", None),
        State::Done => ("done", None),
        State::Refused(because) => ("refused", Some(because)),
        State::Failed(because) => ("failed", Some(because)),
    };
    let mut line = format!(
        "{}  {}: {}\n",
        style.bold(&format!("{word:<8}")),
        step.filesystem,
        one_line(&step.action)
    );
    if let Some(because) = because {
        line += &format!("          {}\n", one_line(because));
    }
    line
}

/// A way to end, and which states it is.
type End = (&'static str, fn(&State) -> bool);

/// How many steps ended how.
pub(crate) fn summary(receipt: &Receipt) -> String {
    let ends: [End; 5] = [
        ("already so", |state| matches!(state, State::Already)),
        ("done", |state| matches!(state, State::Done)),
        ("wanted", |state| matches!(state, State::Wanted)),
        ("refused", |state| matches!(state, State::Refused(_))),
        ("failed", |state| matches!(state, State::Failed(_))),
    ];
    let parts: Vec<String> = ends
        .iter()
        .map(|(word, of)| (receipt.count(*of), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    format!(
        "{}: {}\n",
        count(receipt.steps.len(), "step"),
        if parts.is_empty() {
            "nothing to do".into()
        } else {
            parts.join(", ")
        }
    )
}
