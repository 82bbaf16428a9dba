//! When each copy was last shown to come back, what the last try found, and since when nobody showed it at all: of what the plan still has.

use std::path::Path;

use podman_btrfs_core::plan::Plan;

use super::Collector;
use crate::drill::record::{Drills, FILE};
use crate::drill::sources;
use crate::ledger::{self, Ledger};
use crate::system::{Fault, System};

pub(super) fn collect(
    plan: &Plan,
    system: &dyn System,
    receipts: &Path,
    collector: &mut Collector,
) -> Result<(), Fault> {
    let drills = Drills::read(system, &receipts.join(FILE))?;
    // A ledger that is not understood hides nothing of what drills found.
    let ledger = Ledger::read(system, &receipts.join(ledger::FILE));
    let workloads = plan.workloads.values();
    for instance in workloads.flat_map(|workload| &workload.instances) {
        let found = drills.copies.get(&instance.name);
        for source in sources(plan, &instance.name) {
            let labels = [
                ("workload", instance.name.as_str()),
                ("source", source.as_str()),
            ];
            let known = found.and_then(|found| found.get(&source));
            let proven = known.and_then(|known| known.proven.as_ref());
            if let Some(proven) = proven {
                let name = "podman_btrfs_last_proven_restore_timestamp_seconds";
                collector.set(name, &labels, proven.when);
            } else if let Some(since) = since(ledger.as_ref().ok(), &instance.name) {
                let name = "podman_btrfs_unproven_since_timestamp_seconds";
                collector.set(name, &labels, since);
            }
            for kind in known.iter().flat_map(|known| known.tried.kinds()) {
                let labels = [labels[0], labels[1], ("kind", kind.name())];
                collector.set("podman_btrfs_drill_failed", &labels, 1);
            }
        }
    }
    ledger.map(|_| ())
}

/// Since when a copy has data here.
fn since(ledger: Option<&Ledger>, copy: &str) -> Option<u64> {
    let entries = ledger?.volumes.iter();
    let own = entries.filter(|(key, _)| key.split_once('/').is_some_and(|(of, _)| of == copy));
    own.map(|(_, entry)| entry.since).min()
}
