//! How much is protected, in three lines; the report has each volume.

use podman_btrfs_core::plan::{Cover, Covered, Plan, Stored};

use super::title;
use crate::output::Style;
use crate::render::table::paragraph;
use crate::render::words::count;

pub(super) fn render(plan: &Plan, style: Style) -> String {
    let volumes: Vec<&Covered> = plan
        .coverage
        .iter()
        .filter(|entry| matches!(entry.what, Stored::Volume { .. }))
        .collect();
    if volumes.is_empty() {
        return String::new();
    }
    let leaves = |entry: &Covered| matches!(&entry.protection, Cover::Policy { targets, .. } if !targets.is_empty());
    let is_taken = |entry: &Covered| matches!(entry.protection, Cover::Policy { .. });
    let all = number(&volumes, |_| true);
    let line = format!(
        "{} under a policy, {} of them with a copy off this host, {} in no snapshot",
        count(number(&volumes, is_taken), "volume"),
        number(&volumes, leaves),
        all - number(&volumes, is_taken),
    );
    let mut text = title("Coverage", style) + &paragraph(&line, 2, style);
    for entry in volumes {
        for hidden in &entry.without {
            let line = format!(
                "snapshots of {} do not hold {} at {}",
                entry.host_path, hidden.volume, hidden.path
            );
            text += &paragraph(&line, 2, style);
        }
    }
    let rest = "container layers, Podman's stores and the system are in no snapshot; report.md says why for each";
    text + &paragraph(rest, 2, style) + "\n"
}

/// Copies are volumes too.
fn number(volumes: &[&Covered], which: impl Fn(&Covered) -> bool) -> usize {
    let counted = volumes.iter().filter(|entry| which(entry));
    counted.map(|entry| entry.copies as usize).sum()
}
