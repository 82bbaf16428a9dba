//! A plan as a person wants to read it on a terminal.

mod copies;
mod coverage;
mod filesystem;
mod numbers;
mod protection;
mod reasons;
mod tree;
mod volumes;

use podman_btrfs_core::plan::{EnginePlan, Plan, StorePlan};

use super::table::paragraph;
use super::words::count;
use crate::output::Style;

/// Everything but findings and the closing line.
pub(crate) fn layout(plan: &Plan, style: Style) -> String {
    let mut text = String::new();
    for (name, filesystem) in &plan.filesystems {
        text += &filesystem::render(name.as_str(), filesystem, plan, style);
    }
    text += &volumes::render(plan, style);
    text += &protection::render(&plan.protection, style);
    text += &coverage::render(plan, style);
    text += &engine(&plan.engine, style);
    text += &numbers::render(&plan.density, style);
    text + &reasons::render(plan, style)
}

/// The closing line.
pub(crate) fn summary(plan: &Plan, style: Style) -> String {
    let volumes: usize = plan
        .workloads
        .values()
        .flat_map(|workload| &workload.instances)
        .map(|instance| instance.volumes.len())
        .sum();
    let parts = [
        count(plan.filesystems.len(), "filesystem"),
        count(plan.workloads.len(), "workload"),
        count(volumes, "volume"),
        count(plan.protection.jobs.len(), "snapshot job"),
        count(plan.decisions.len(), "decision"),
        count(plan.diagnostics.len(), "finding"),
    ];
    paragraph(&parts.join(", "), 0, style)
        .lines()
        .map(|line| format!("{}\n", style.bold(line)))
        .collect()
}

/// A section's title.
fn title(text: &str, style: Style) -> String {
    format!("{}\n", style.bold(text))
}

fn engine(engine: &EnginePlan, style: Style) -> String {
    let (Some(store), Some(conf)) = (&engine.system, &engine.storage_conf) else {
        return String::new();
    };
    let mut text = title("Podman's storage", style);
    let place = |store: &StorePlan| {
        format!(
            "{} in {} of {}",
            store.graph_root, store.subvolume, store.filesystem
        )
    };
    let head = format!("driver {}, store {}", conf.driver.name(), place(store));
    text += &paragraph(&head, 2, style);
    for (user, store) in &engine.users {
        text += &paragraph(&format!("{user}: {}", place(store)), 2, style);
    }
    text + "\n"
}
