//! What `verify` found.

use podman_btrfs_host::verify::Checked;

use super::words::{count, one_line};
use crate::output::Style;

/// A line for each thing that is wrong, and how much was looked at.
pub(crate) fn report(checked: &[Checked], style: Style) -> String {
    let mut text = String::new();
    let mut wrong = 0;
    for one in checked {
        let Some(why) = &one.wrong else { continue };
        wrong += 1;
        text += &format!(
            "{}  {}: {}\n",
            style.bold("wrong"),
            one_line(&one.subject),
            one_line(why)
        );
    }
    let end = match wrong {
        0 => "all as planned".to_owned(),
        _ => format!("{wrong} not as planned"),
    };
    text + &format!("{}: {end}\n", count(checked.len(), "place"))
}
