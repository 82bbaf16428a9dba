//! When each copy was last shown to come back, and what the last try found: of what the plan still has.

use std::path::Path;

use podman_btrfs_core::plan::Plan;

use super::Collector;
use crate::drill::record::{Drills, FILE};
use crate::drill::sources;
use crate::system::{Fault, System};

pub(super) fn collect(
    plan: &Plan,
    system: &dyn System,
    receipts: &Path,
    collector: &mut Collector,
) -> Result<(), Fault> {
    let drills = Drills::read(system, &receipts.join(FILE))?;
    let workloads = plan.workloads.values();
    for instance in workloads.flat_map(|workload| &workload.instances) {
        let Some(found) = drills.copies.get(&instance.name) else {
            continue;
        };
        let planned = sources(plan, &instance.name);
        for (source, known) in found.iter().filter(|(source, _)| planned.contains(*source)) {
            let labels = [("workload", instance.name.as_str()), ("source", source)];
            if let Some(proven) = &known.proven {
                let name = "podman_btrfs_last_proven_restore_timestamp_seconds";
                collector.set(name, &labels, proven.when);
            }
            for kind in known.tried.kinds() {
                let labels = [labels[0], labels[1], ("kind", kind.name())];
                collector.set("podman_btrfs_drill_failed", &labels, 1);
            }
        }
    }
    Ok(())
}
