//! What the host has to hold, and what it is told.

use podman_btrfs_core::plan::{Demand, DensityPlan};
use podman_btrfs_core::units::ByteSize;

use super::title;
use crate::output::Style;
use crate::render::table::{Table, paragraph};

/// The demands that come near what there can be, or whose bound was raised, with the settings; a host that is far
/// from everything is told nothing.
pub(super) fn render(density: &DensityPlan, style: Style) -> String {
    let mut table = Table::new(&["What", "Of", "Demand", "At most"]);
    for demand in density.demands.iter().filter(|demand| is_near(demand)) {
        table.row(cells(demand));
    }
    let settings = density
        .sysctls
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .chain(
            density
                .user_tasks_max
                .map(|tasks| format!("TasksMax={tasks} in every user's slice")),
        );
    let settings: Vec<String> = settings.collect();
    if table.is_empty() && settings.is_empty() {
        return String::new();
    }
    let mut text = title("Numbers", style);
    if !table.is_empty() {
        text += &table.render(2, style);
    }
    for setting in settings {
        text += &paragraph(&setting, 2, style);
    }
    text + "\n"
}

fn is_near(demand: &Demand) -> bool {
    demand
        .most
        .is_some_and(|most| demand.count >= most.div_ceil(4))
}

fn cells(demand: &Demand) -> [String; 4] {
    let shown = |count: u64| {
        if demand.what.is_bytes() {
            ByteSize::from_bytes(count >> 20 << 20).to_string()
        } else {
            count.to_string()
        }
    };
    [
        demand.what.name().to_owned(),
        demand.of.clone(),
        shown(demand.count),
        demand.most.map_or_else(String::new, shown),
    ]
}
