//! What the host has to hold, and what it is told.

use podman_btrfs_core::plan::{Demand, Plan};
use podman_btrfs_core::units::ByteSize;

use super::markdown::{Document, code, prose};

pub(super) fn write(document: &mut Document, plan: &Plan) {
    let density = &plan.density;
    if density.demands.is_empty() {
        return;
    }
    document.heading(2, "Numbers");
    document.table(
        ["What", "Of", "Demand", "At most", "Counted"],
        density.demands.iter().map(row).collect(),
    );
    let mut settings: Vec<String> = density
        .sysctls
        .iter()
        .map(|(name, value)| code(&format!("{name} = {value}")))
        .collect();
    settings.extend(density.user_tasks_max.map(|tasks| {
        format!(
            "{} in every user's slice",
            code(&format!("TasksMax={tasks}"))
        )
    }));
    if !settings.is_empty() {
        document.paragraph("Settings:");
        document.list(settings);
    }
}

fn row(demand: &Demand) -> [String; 5] {
    let shown = |count: u64| {
        if demand.what.is_bytes() {
            ByteSize::from_bytes(count >> 20 << 20).to_string()
        } else {
            count.to_string()
        }
    };
    [
        demand.what.name().to_owned(),
        prose(&demand.of),
        shown(demand.count),
        demand.most.map_or_else(|| "–".to_owned(), shown),
        prose(&demand.counted),
    ]
}
