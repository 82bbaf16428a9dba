//! The simulated year, in short, with its picture.

use podman_btrfs_core::simulate::Simulation;

use super::markdown::{Document, prose};
use crate::simulation::{PICTURE, size};

pub(super) fn write(document: &mut Document, simulation: &Simulation) {
    if !simulation.tells() {
        return;
    }
    document.heading(2, "A simulated year");
    document.paragraph(&format!("![How full each filesystem is]({PICTURE})"));
    let zone = if simulation.zone_known {
        prose(&simulation.zone_name)
    } else {
        "UTC, for the host's time zone is not declared".to_owned()
    };
    document.paragraph(&format!(
        "{} days from {}, in {zone}. Container images, metadata and the system itself are not counted.",
        simulation.span.days, simulation.span.begin
    ));
    document.list(simulation.filesystems.iter().map(|year| {
        let last = |of_days: &[u64]| of_days.last().copied().unwrap_or(0);
        let fits = year.room.map_or_else(
            || "its capacity is not declared".to_owned(),
            |room| format!("of {} beside the reserve", size(room.usable - room.reserve)),
        );
        let unknown = match year.unknown.len() {
            0 => String::new(),
            count => format!("; {count} options that it needs are not said"),
        };
        format!(
            "{}: at the end {} of files and {} in {} snapshots, {fits}{unknown}",
            prose(&year.name),
            size(last(&year.live)),
            size(last(&year.snapshots)),
            last(&year.count)
        )
    }));
    let events = simulation.events();
    if !events.is_empty() {
        document.list(
            events
                .into_iter()
                .map(|event| format!("{}: {}", event.date, prose(&event.what))),
        );
    }
}
