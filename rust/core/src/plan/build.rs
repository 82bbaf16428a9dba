//! Facts and choices to a plan.

mod coverage;
mod density;
mod engine;
mod groups;
mod images;
mod jobs;
mod sharing;
mod volumes;

pub(crate) use groups::engine_of;
pub(crate) use volumes::{target_directory, target_subvolume};

use std::collections::BTreeMap;

use super::{
    FilesystemOrigin, FilesystemPlan, Instance, PLAN_VERSION, Plan, QuotaMode, Subvolume,
    SubvolumeRole, WorkloadPlan,
};
use crate::analysis::{Facts, FilesystemFacts, WorkloadFacts, analyse};
use crate::finding::{Level, has_errors};
use crate::plan::MountRole;
use crate::rules::{Choices, Decide, FilesystemChoices, LayoutMount, Outcome, REGISTRY, decide};
use crate::spec::{Consistency, Spec};
use crate::units::{DevicePath, Text};

/// Plans a declaration.
///
/// Mistakes of the user come back as the plan's diagnostics; with an error among them the plan holds
/// nothing else.
#[must_use]
pub fn build(spec: &Spec) -> Plan {
    let facts = analyse(spec);
    let Outcome {
        choices,
        decisions,
        mut diagnostics,
    } = decide(&facts);
    diagnostics.sort_by(|a, b| (b.level, &a.code, &a.at).cmp(&(a.level, &b.code, &b.at)));
    if has_errors(&diagnostics) {
        return Plan::refused(diagnostics);
    }
    let mut filesystems: Vec<FilesystemPlan> = (0..facts.filesystems.len())
        .filter_map(|index| filesystem(&facts.filesystems[index], &choices.filesystems[index]))
        .collect();
    let engine = engine::plan(&facts, &choices, &mut filesystems);
    let mut workloads = BTreeMap::new();
    for (index, workload) in facts.workloads.iter().enumerate() {
        let planned = plan_workload(&facts, &choices, index, &mut filesystems);
        workloads.insert(workload.name.clone(), planned);
    }
    sharing::connect(&facts, &mut workloads);
    sharing::gather(&mut workloads);
    let protection = jobs::protection(&facts, &choices, &mut filesystems);
    groups::gather(&facts, &protection, &mut workloads);
    for filesystem in &mut filesystems {
        // By component, so that what is nested in a subvolume follows it directly.
        filesystem
            .subvolumes
            .sort_by(|a, b| a.path.components().cmp(b.path.components()));
    }
    let coverage = coverage::coverage(&facts, &filesystems, &engine, &workloads, &protection);
    let names = facts
        .filesystems
        .iter()
        .map(|filesystem| filesystem.name.clone());
    Plan {
        plan_version: PLAN_VERSION,
        diagnostics,
        filesystems: names.zip(filesystems).collect(),
        engine,
        workloads,
        protection,
        coverage,
        images: images::images(&facts, &choices),
        density: density::density(&facts, &choices),
        decisions,
        levels: levels(spec),
    }
}

/// The declared levels of what is asked on the running host, which a plan must carry there.
fn levels(spec: &Spec) -> BTreeMap<String, Level> {
    let on_host = REGISTRY
        .iter()
        .filter(|rule| matches!(rule.decide, Decide::OnHost(_)));
    on_host
        .filter_map(|rule| {
            let level = spec.rules.get(rule.code)?.level?;
            Some((rule.code.to_owned(), level))
        })
        .collect()
}

/// A filesystem with its mounted subvolumes. `None` only if a rule that must decide did not.
fn filesystem(facts: &FilesystemFacts, choices: &FilesystemChoices) -> Option<FilesystemPlan> {
    let layout = choices.layout.as_ref()?;
    let options = choices.mount_options.clone()?;
    let (origin, device, label) = origin(facts)?;
    Some(FilesystemPlan {
        origin,
        label,
        device,
        data_profile: choices.data_profile?,
        metadata_profile: choices.metadata_profile?,
        media: facts.declared.media,
        system: facts.declared.system == Some(true),
        boot_partitions: choices.boot_partitions.clone().unwrap_or_default(),
        mount_point: facts.mount_point.clone(),
        mounts: layout
            .mounts
            .iter()
            .map(|mount| mount.with_options(&options))
            .collect(),
        mount_options: options,
        subvolumes: layout.mounts.iter().map(mounted_subvolume).collect(),
        quota: choices.quota.unwrap_or(QuotaMode::None),
        swap: choices.swap.clone(),
        reserve_bytes: choices.reserve,
        upkeep: choices.upkeep.clone().unwrap_or_default(),
    })
}

/// How it comes to be, what every mount names as its device, and the label of a new one.
fn origin(facts: &FilesystemFacts) -> Option<(FilesystemOrigin, DevicePath, String)> {
    let declared = facts.declared;
    if let Some(device) = &declared.device {
        return Some((FilesystemOrigin::Existing, device.clone(), String::new()));
    }
    // A label of its own keeps the mounts of several disks independent of which disk is found first.
    let label = facts.name.to_string();
    let device = DevicePath::parse(&format!("/dev/disk/by-label/{label}")).ok()?;
    let origin = FilesystemOrigin::New {
        disks: declared.disks.clone(),
        encryption: declared.encryption,
    };
    Some((origin, device, label))
}

fn mounted_subvolume(mount: &LayoutMount) -> Subvolume {
    let (role, mode) = match mount.role {
        MountRole::System => (SubvolumeRole::System, "0755"),
        MountRole::EngineStore => (SubvolumeRole::EngineStores, "0755"),
        MountRole::Volumes => (SubvolumeRole::Volumes, "0755"),
        // Snapshots keep what was readable then; only root looks at them.
        MountRole::Snapshots => (SubvolumeRole::Snapshots, "0700"),
        // It holds what was in memory.
        MountRole::Swap => (SubvolumeRole::Swap, "0700"),
    };
    Subvolume {
        path: mount.subvolume.clone(),
        host_path: mount.mount_point.clone(),
        role,
        owner: None,
        mode: mode.into(),
        limit_bytes: None,
    }
}

fn plan_workload(
    facts: &Facts,
    choices: &Choices,
    index: usize,
    filesystems: &mut [FilesystemPlan],
) -> WorkloadPlan {
    let workload = &facts.workloads[index];
    let instances: Vec<Instance> = (1..=workload.replicas)
        .map(|copy| volumes::instance(facts, choices, index, copy, filesystems))
        .collect();
    let protected = instances.iter().any(|instance| !instance.group.is_empty());
    WorkloadPlan {
        user: workload.declared.user.clone(),
        renamed_from: workload.declared.renamed_from.clone(),
        consistency: consistency(workload).filter(|_| protected),
        moment: choices.workloads[index].moment,
        instances,
    }
}

fn consistency(workload: &WorkloadFacts) -> Option<Consistency> {
    let protection = workload.declared.protection.as_ref()?;
    Some(protection.consistency.unwrap_or(Consistency::Crash))
}
