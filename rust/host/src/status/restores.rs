//! Whether each copy was shown to come back, and when: what drills recorded.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::plan::Plan;

use super::document::RestoreStatus;
use crate::drill::record::{Drills, FILE, Known, Proven};
use crate::drill::sources;
use crate::system::{Fault, System};

/// By copy, then by source; those of which no snapshots are planned are left out.
pub(super) fn all(
    plan: &Plan,
    receipts: &Path,
    system: &dyn System,
) -> Result<BTreeMap<String, BTreeMap<String, RestoreStatus>>, Fault> {
    let drills = Drills::read(system, &receipts.join(FILE))?;
    let instances = plan
        .workloads
        .values()
        .flat_map(|workload| &workload.instances);
    let all = instances.map(|instance| {
        let found = drills.copies.get(&instance.name);
        let of_source = |source: String| {
            let known = found.and_then(|found| found.get(&source));
            (source, known.map(of).unwrap_or_default())
        };
        let sources = sources(plan, &instance.name).into_iter();
        (instance.name.clone(), sources.map(of_source).collect())
    });
    Ok(all
        .filter(|(_, sources): &(_, BTreeMap<_, _>)| !sources.is_empty())
        .collect())
}

fn of(known: &Known) -> RestoreStatus {
    let proven: Option<&Proven> = known.proven.as_ref();
    RestoreStatus {
        proven: proven.map(|proven| proven.when),
        taken: proven.map(|proven| proven.taken),
        tried: Some(known.tried.when),
        found: known.tried.kinds().into_iter().collect(),
    }
}
