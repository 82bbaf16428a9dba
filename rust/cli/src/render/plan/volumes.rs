//! The volumes of all workloads.

use podman_btrfs_core::plan::{Plan, VolumePlan};

use super::{copies, title};
use crate::output::Style;
use crate::render::table::Table;

pub(super) fn render(plan: &Plan, style: Style) -> String {
    let mut table = Table::new(&[
        "Volume",
        "Class",
        "Known",
        "Where",
        "CoW",
        "Compression",
        "Snapshots",
    ]);
    let bases = plan.class_bases();
    for (name, workload) in &plan.workloads {
        let Some(first) = workload.instances.first() else {
            continue;
        };
        for (volume_name, volume) in &first.volumes {
            let known = bases.get(&(name.as_str(), volume_name.as_str()));
            let cells = cells(volume, known.map_or("", |basis| basis.certainty));
            table.row(std::iter::once(format!("{name}/{volume_name}")).chain(cells));
        }
        if let Some((range, more)) = copies::told(workload, style) {
            table.row(
                [range, more]
                    .into_iter()
                    .chain(std::iter::repeat_n(String::new(), 5)),
            );
        }
    }
    if table.is_empty() {
        return String::new();
    }
    title("Volumes", style) + &table.render(2, style) + "\n"
}

fn cells(volume: &VolumePlan, known: &str) -> [String; 6] {
    let class = volume.class.map_or("unknown", |class| class.name());
    let class = match volume.engine {
        Some(engine) => format!("{class} ({})", engine.name()),
        None => class.to_owned(),
    };
    [
        class,
        known.to_owned(),
        volume.host_path.to_string(),
        if volume.copy_on_write { "yes" } else { "no" }.to_owned(),
        volume
            .compression
            .map_or("as mounted", |compression| compression.name())
            .to_owned(),
        if volume.snapshot { "yes" } else { "no" }.to_owned(),
    ]
}
