//! A simulated year on a terminal.

use std::fmt::Write as _;

use podman_btrfs_core::simulate::{FilesystemYear, Simulation};
use podman_btrfs_emit::simulation::{months, size};

use super::table::{Table, paragraph};
use crate::output::Style;

/// Columns of the bar that shows how full a filesystem is.
const BAR: usize = 20;

/// Filesystems by month, jobs, and what happens on which day.
pub(crate) fn year(simulation: &Simulation, style: Style) -> String {
    let zone = if simulation.zone_known {
        simulation.zone_name.clone()
    } else {
        "UTC (`host.timeZone` is not declared)".to_owned()
    };
    let mut text = format!(
        "{}\n",
        style.bold(&format!(
            "{} days from {}, in {zone}",
            simulation.span.days, simulation.span.begin
        ))
    );
    for filesystem in &simulation.filesystems {
        text.push_str(&of_filesystem(simulation, filesystem, style));
    }
    text.push_str(&jobs(simulation, style));
    text.push_str(&events(simulation, style));
    text
}

fn of_filesystem(simulation: &Simulation, year: &FilesystemYear, style: Style) -> String {
    let room = year.room.map_or_else(
        || "capacity not declared".to_owned(),
        |room| {
            format!(
                "{} fit, {} of it in reserve",
                size(room.usable),
                size(room.reserve)
            )
        },
    );
    let mut text = format!("\n{}: {room}\n", style.bold(&year.name));
    let mut table = Table::new(&["month", "files", "in snapshots", "snapshots", "full", ""]);
    for (day, month) in months(simulation) {
        let at = |of_days: &[u64]| of_days.get(day as usize).copied().unwrap_or(0);
        let (live, held) = (at(&year.live), at(&year.snapshots));
        let (full, bar) = fullness(year, live.saturating_add(held), style);
        table.row([
            month,
            size(live),
            size(held),
            at(&year.count).to_string(),
            full,
            bar,
        ]);
    }
    text.push_str(&table.render(2, style));
    if !year.unknown.is_empty() {
        let said = format!(
            "Not counted, for they are not declared: {} options, {} first.",
            year.unknown.len(),
            year.unknown[0]
        );
        text.push_str(&paragraph(&said, 2, style));
    }
    text
}

/// Per cent of what fits beside the reserve, and as a bar.
fn fullness(year: &FilesystemYear, bytes: u64, style: Style) -> (String, String) {
    let Some(room) = year.room.filter(|room| room.usable > room.reserve) else {
        return (String::new(), String::new());
    };
    let per_cent = u128::from(bytes) * 100 / u128::from(room.usable - room.reserve);
    let filled = usize::try_from(per_cent).unwrap_or(usize::MAX).min(100) * BAR / 100;
    let (full, empty) = if style.unicode {
        ("█", "░")
    } else {
        ("#", ".")
    };
    let bar = format!("{}{}", full.repeat(filled), empty.repeat(BAR - filled));
    (format!("{per_cent}%"), bar)
}

fn jobs(simulation: &Simulation, style: Style) -> String {
    let mut table = Table::new(&[
        "job",
        "by",
        "subvolumes",
        "taken",
        "removed",
        "kept",
        "at most",
    ]);
    for job in &simulation.jobs {
        let days = &job.timeline.days;
        let sum = |of: fn(&podman_btrfs_core::simulate::Day) -> u32| {
            days.iter().map(of).map(u64::from).sum::<u64>().to_string()
        };
        table.row([
            job.name.clone(),
            job.tool.name().to_owned(),
            job.subvolumes.to_string(),
            sum(|day| day.taken),
            sum(|day| day.pruned),
            days.last().map_or(0, |day| day.kept).to_string(),
            days.iter()
                .map(|day| day.kept)
                .max()
                .unwrap_or(0)
                .to_string(),
        ]);
    }
    if table.is_empty() {
        return String::new();
    }
    let title = style.bold("Snapshots of each subvolume");
    format!("\n{title}\n{}", table.render(2, style))
}

fn events(simulation: &Simulation, style: Style) -> String {
    let events = simulation.events();
    if events.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", style.bold("Events"));
    for event in events {
        let said = format!("day {}, {}: {}", event.day + 1, event.date, event.what);
        let _ = write!(text, "{}", paragraph(&said, 2, style));
    }
    text.push('\n');
    text
}
