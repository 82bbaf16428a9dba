//! What was left behind by what is no longer declared.

use std::fmt::Write as _;

use podman_btrfs_host::ledger::{Ledger, Left};

use super::words::one_line;

/// One entry each, with how long it is kept from being ended.
pub(crate) fn list(ledger: &Ledger, now: u64) -> String {
    let mut text = String::new();
    for left in &ledger.left {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{}", entry(left, now));
    }
    if text.is_empty() {
        text.push_str("nothing was left behind\n");
    } else {
        text.push_str("`--confirm NAME` deletes what is named, after its grace time\n");
    }
    text
}

/// One that was left.
pub(crate) fn entry(left: &Left, now: u64) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let age = now.saturating_sub(left.since) / DAY;
    let grace = match left.grace_until.saturating_sub(now).div_ceil(DAY) {
        0 => "its grace time is over".to_owned(),
        days => format!("kept for {days} days more"),
    };
    let (filesystem, path) = (&left.place.filesystem, one_line(&left.place.path));
    let mut line = format!(
        "{}  {filesystem}: {path}, {}, {age} days ago; {grace}",
        one_line(&left.volume),
        left.why
    );
    if let Some(last) = &left.last_snapshot {
        let _ = write!(line, "; last snapshot {}", one_line(&last.path));
    }
    line
}
