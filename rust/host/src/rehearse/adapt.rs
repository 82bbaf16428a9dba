//! The plan as far as this machine's tools can carry it out. What is left out is told, never silent.

use podman_btrfs_core::plan::{FilesystemOrigin, Plan, QuotaMode};

use super::stage::Stage;
use crate::system::{Fault, System};

/// The plan without what cannot be rehearsed here.
pub(super) fn adapted(plan: &Plan, system: &dyn System, stage: &mut Stage) -> Result<Plan, Fault> {
    let mut adapted = plan.clone();
    let wants_quota = |plan: &Plan| {
        plan.filesystems
            .values()
            .any(|of| of.quota == QuotaMode::Simple)
    };
    if wants_quota(plan) && !has_simple_quotas(system)? {
        let limits = drop_limits(&mut adapted);
        stage.skip(
            "",
            "limits",
            format!(
                "simple quotas, and with them {limits} of the planned limits, because this `btrfs` has none; they came with btrfs-progs 6.7"
            ),
        );
    }
    for (name, filesystem) in &plan.filesystems {
        if let FilesystemOrigin::New {
            encryption: Some(_),
            ..
        } = &filesystem.origin
        {
            stage.skip(
                name.as_str(),
                "encryption",
                "a rehearsal makes no device mapper devices; Btrfs sees the same on top of one",
            );
        }
    }
    Ok(adapted)
}

/// What the program can do stands in its own help; its version does not tell (distributions patch).
fn has_simple_quotas(system: &dyn System) -> Result<bool, Fault> {
    let printed = system.run("btrfs", &["quota", "enable", "--help"])?;
    Ok(printed.stdout.contains("--simple") || printed.stderr.contains("--simple"))
}

/// Takes quotas and limits out of the plan; returns how many limits there were.
fn drop_limits(plan: &mut Plan) -> usize {
    let mut limits = 0;
    for filesystem in plan.filesystems.values_mut() {
        filesystem.quota = QuotaMode::None;
        for subvolume in &mut filesystem.subvolumes {
            limits += usize::from(subvolume.limit_bytes.take().is_some());
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_quotas_no_limit_is_left_and_each_is_counted() {
        let text = include_str!("../../../../tests/scenarios/raid1-server/plan.json");
        let mut plan: Plan = serde_json::from_str(text).unwrap();
        let limits = |plan: &Plan| {
            let subvolumes = plan.filesystems.values().flat_map(|of| &of.subvolumes);
            subvolumes
                .filter(|subvolume| subvolume.limit_bytes.is_some())
                .count()
        };
        let before = limits(&plan);
        assert!(before > 0);
        assert_eq!(drop_limits(&mut plan), before);
        assert_eq!(limits(&plan), 0);
        assert!(
            plan.filesystems
                .values()
                .all(|of| of.quota == QuotaMode::None)
        );
    }
}
