//! What follows from the declaration alone, before anything is chosen.

mod class;
pub mod existing;
mod images;
mod inference;
mod knowledge;
pub mod mount_options;
pub mod pattern;
mod places;

use std::collections::BTreeMap;

pub use class::{Compressibility, FileSize, Integrity, Traits, WritePattern};
pub use images::{NestedPath, SharedPath, UncoveredVolume};
pub use inference::{Certainty, Evidence, Inference, Source};
pub use pattern::WorkloadPattern;
pub use places::{Place, nested};

pub use knowledge::engine_of_image;

use crate::option_path::OptionPath;
use crate::spec::{Class, Filesystem, Policy, Spec, Volume, Workload};
use crate::units::{
    FilesystemName, HostPath, ImageReference, PolicyName, VolumeName, WorkloadName,
};

/// Where Podman keeps its stores; a mount of its own.
pub const CONTAINERS: &str = "/var/lib/containers";
/// The system's graph root.
pub const GRAPH_ROOT: &str = "/var/lib/containers/storage";
/// The system's run root; gone at every boot.
pub const RUN_ROOT: &str = "/run/containers/storage";

/// The facts of a whole declaration. Positions in the lists are how facts and choices refer to each other.
pub struct Facts<'s> {
    /// The declaration.
    pub spec: &'s Spec,
    /// Filesystems, by name.
    pub filesystems: Vec<FilesystemFacts<'s>>,
    /// Policies, by name.
    pub policies: Vec<PolicyFacts<'s>>,
    /// Workloads, by name.
    pub workloads: Vec<WorkloadFacts<'s>>,
    /// The filesystem of Podman's stores: position in `filesystems`.
    pub engine_filesystem: Option<usize>,
}

/// A filesystem and who uses it.
pub struct FilesystemFacts<'s> {
    /// Its name.
    pub name: &'s FilesystemName,
    /// As declared.
    pub declared: &'s Filesystem,
    /// Where its volumes appear: as declared, or `/srv/<name>`.
    pub mount_point: HostPath,
    /// Whether Podman's stores are on it.
    pub holds_engine: bool,
    /// How many volumes with a limit are on it, copies counted once.
    pub limits: usize,
}

/// A policy and who follows it.
pub struct PolicyFacts<'s> {
    /// Its name.
    pub name: &'s PolicyName,
    /// As declared.
    pub declared: &'s Policy,
    /// How many copies of workloads follow it.
    pub followers: u64,
}

/// A workload.
pub struct WorkloadFacts<'s> {
    /// Its name.
    pub name: &'s WorkloadName,
    /// As declared.
    pub declared: &'s Workload,
    /// Its filesystem: position in [`Facts::filesystems`].
    pub filesystem: Option<usize>,
    /// Its policy: position in [`Facts::policies`].
    pub policy: Option<usize>,
    /// How many copies run.
    pub replicas: u32,
    /// Its volumes, by name.
    pub volumes: Vec<VolumeFacts<'s>>,
    /// `VOLUME` paths of its known images that no volume of it is mounted at, by container and path.
    pub uncovered_volumes: Vec<UncoveredVolume<'s>>,
    /// Paths inside a mounted volume that a known image keeps something else at, worth a volume of its own.
    pub nested: Vec<NestedPath<'s>>,
    /// Mounted paths that another application reads or writes as well.
    pub shared: Vec<SharedPath<'s>>,
}

/// A volume of a workload.
pub struct VolumeFacts<'s> {
    /// Its name.
    pub name: &'s VolumeName,
    /// As declared.
    pub declared: &'s Volume,
    /// Its filesystem: position in [`Facts::filesystems`].
    pub filesystem: Option<usize>,
    /// What image, path and name say of it.
    pub inference: Inference,
}

impl FilesystemFacts<'_> {
    /// The sizes of its disks in bytes, where they are known: `capacity` is each disk's, or the whole existing
    /// filesystem's.
    #[must_use]
    pub fn disk_sizes(&self) -> Option<Vec<u64>> {
        let declared = self.declared;
        if !declared.disk_sizes.is_empty() {
            return Some(
                declared
                    .disk_sizes
                    .iter()
                    .map(|size| size.bytes())
                    .collect(),
            );
        }
        let capacity = declared.capacity?.bytes();
        Some(vec![capacity; declared.disks.len().max(1)])
    }
}

impl WorkloadFacts<'_> {
    /// Its option path.
    #[must_use]
    pub fn at(&self) -> OptionPath {
        OptionPath::of(["workloads", self.name.as_str()])
    }

    /// The option path of one of its volumes.
    #[must_use]
    pub fn volume_at(&self, volume: &VolumeFacts) -> OptionPath {
        OptionPath::of([
            "workloads",
            self.name.as_str(),
            "volumes",
            volume.name.as_str(),
        ])
    }
}

impl VolumeFacts<'_> {
    /// The class in effect: declared, or inferred where that is not in doubt.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        self.declared.class.or(self.inference.class)
    }
}

/// The facts of a declaration.
#[must_use]
pub fn analyse(spec: &Spec) -> Facts<'_> {
    let names: Vec<&FilesystemName> = spec.filesystems.keys().collect();
    let only = if names.len() == 1 { Some(0) } else { None };
    let find = |wanted: Option<&FilesystemName>| match wanted {
        Some(name) => names.binary_search(&name).ok(),
        None => only,
    };
    let policy_names: Vec<&PolicyName> = spec.policies.keys().collect();
    let workloads: Vec<WorkloadFacts> = spec
        .workloads
        .iter()
        .map(|(name, declared)| {
            let filesystem = find(declared.filesystem.as_ref());
            let policy = declared.protection.as_ref();
            let images = images::of(declared);
            WorkloadFacts {
                name,
                declared,
                filesystem,
                policy: policy.and_then(|p| policy_names.binary_search(&&p.policy).ok()),
                replicas: declared.replicas.unwrap_or(1),
                volumes: volumes(declared, filesystem, &find),
                uncovered_volumes: images.uncovered,
                nested: images.nested,
                shared: images.shared,
            }
        })
        .collect();
    let engine_filesystem = find(spec.engine.filesystem.as_ref());
    Facts {
        filesystems: filesystems(spec, engine_filesystem, &workloads),
        policies: policies(spec, &workloads),
        engine_filesystem,
        spec,
        workloads,
    }
}

fn volumes<'s>(
    declared: &'s Workload,
    filesystem: Option<usize>,
    find: &impl Fn(Option<&FilesystemName>) -> Option<usize>,
) -> Vec<VolumeFacts<'s>> {
    let image = |container| -> Option<&ImageReference> {
        declared.containers.get(container)?.image.as_ref()
    };
    declared
        .volumes
        .iter()
        .map(|(name, volume)| VolumeFacts {
            name,
            declared: volume,
            filesystem: match &volume.filesystem {
                Some(own) => find(Some(own)),
                None => filesystem,
            },
            inference: inference::infer(
                name,
                volume,
                volume
                    .mounts
                    .iter()
                    .map(|(container, path)| (image(container), path)),
            ),
        })
        .collect()
}

fn filesystems<'s>(
    spec: &'s Spec,
    engine: Option<usize>,
    workloads: &[WorkloadFacts],
) -> Vec<FilesystemFacts<'s>> {
    let mut limits: BTreeMap<usize, usize> = BTreeMap::new();
    for volume in workloads.iter().flat_map(|workload| &workload.volumes) {
        if let (Some(filesystem), Some(_)) = (volume.filesystem, volume.declared.limit) {
            *limits.entry(filesystem).or_default() += 1;
        }
    }
    spec.filesystems
        .iter()
        .enumerate()
        .map(|(index, (name, declared))| FilesystemFacts {
            name,
            declared,
            mount_point: declared
                .mount_point
                .clone()
                .unwrap_or_else(|| HostPath::below_srv(name)),
            holds_engine: engine == Some(index),
            limits: limits.get(&index).copied().unwrap_or(0),
        })
        .collect()
}

fn policies<'s>(spec: &'s Spec, workloads: &[WorkloadFacts]) -> Vec<PolicyFacts<'s>> {
    let mut followers: BTreeMap<usize, u64> = BTreeMap::new();
    for workload in workloads {
        if let Some(policy) = workload.policy {
            *followers.entry(policy).or_default() += u64::from(workload.replicas);
        }
    }
    spec.policies
        .iter()
        .enumerate()
        .map(|(index, (name, declared))| PolicyFacts {
            name,
            declared,
            followers: followers.get(&index).copied().unwrap_or(0),
        })
        .collect()
}
