//! What is protected by what, read from the finished jobs and not from what they were to be.

use std::collections::BTreeMap;

use crate::analysis::{Facts, Place, WorkloadFacts, nested};
use crate::plan::{
    Cover, Covered, EnginePlan, FilesystemPlan, Job, MountRole, ProtectionPlan, StorePlan, Stored,
    UsedBy, VolumePlan, Without, WorkloadPlan,
};
use crate::spec::Access;
use crate::units::{
    FilesystemName, HostPath, SubvolumePath, VolumeName, VolumeReference, WorkloadName,
};

const LAYERS: &str = "what a container writes outside its volumes goes with it when it is replaced: declare a volume for what is to stay";
const STORE: &str =
    "images can be pulled or built again, and snapshots would hold each layer that was removed";

/// Jobs by what they take: filesystem and subvolume.
type Taken<'p> = BTreeMap<(&'p str, &'p str), &'p Job>;

/// Volumes first, then what is no volume.
pub(super) fn coverage(
    facts: &Facts,
    filesystems: &[FilesystemPlan],
    engine: &EnginePlan,
    workloads: &BTreeMap<WorkloadName, WorkloadPlan>,
    protection: &ProtectionPlan,
) -> Vec<Covered> {
    let taken: Taken = protection
        .jobs
        .iter()
        .flat_map(|job| {
            let filesystem = job.filesystem.as_str();
            let subvolumes = job.subvolumes.iter();
            subvolumes.map(move |taken| ((filesystem, taken.path.as_str()), job))
        })
        .collect();
    let reasons: BTreeMap<(&WorkloadName, &VolumeName), &str> = protection
        .unprotected
        .iter()
        .map(|volume| ((&volume.workload, &volume.volume), volume.reason.as_str()))
        .collect();
    let users = users(facts);
    let mut hidden = hidden(facts);
    let mut covered = Vec::new();
    for workload in &facts.workloads {
        let Some(first) = workloads
            .get(workload.name)
            .and_then(|planned| planned.instances.first())
        else {
            continue;
        };
        for (name, volume) in &first.volumes {
            let reason = reasons.get(&(workload.name, name)).copied();
            let of = VolumeReference {
                workload: workload.name.clone(),
                volume: name.clone(),
            };
            let what = Stored::Volume {
                workload: workload.name.clone(),
                volume: name.clone(),
            };
            let place = (&volume.filesystem, &volume.subvolume, &volume.host_path);
            covered.push(Covered {
                copies: workload.replicas,
                class: volume.class,
                used_by: users.get(&of).cloned().unwrap_or_default(),
                without: hidden.remove(&of.to_string()).unwrap_or_default(),
                ..entry(what, place, cover(volume, &taken, reason))
            });
        }
    }
    covered.extend(layers(facts, engine));
    covered.extend(stores(engine));
    covered.extend(system(facts, filesystems));
    covered
}

/// What lies in one place; the rest of an entry is as for most.
fn entry(
    what: Stored,
    place: (&FilesystemName, &SubvolumePath, &HostPath),
    cover: Cover,
) -> Covered {
    Covered {
        what,
        class: None,
        copies: 1,
        filesystem: place.0.clone(),
        subvolume: place.1.clone(),
        host_path: place.2.clone(),
        protection: cover,
        used_by: Vec::new(),
        without: Vec::new(),
    }
}

fn nothing(reason: &str) -> Cover {
    Cover::Nothing {
        reason: reason.into(),
    }
}

fn cover(volume: &VolumePlan, taken: &Taken, reason: Option<&str>) -> Cover {
    let place = (volume.filesystem.as_str(), volume.subvolume.as_str());
    match taken.get(&place) {
        Some(job) => Cover::Policy {
            policy: job.policy.clone(),
            job: job.name.clone(),
            tool: job.tool,
            targets: job.targets.keys().cloned().collect(),
        },
        None => nothing(reason.unwrap_or("no job takes it")),
    }
}

/// Who mounts volumes of others.
fn users(facts: &Facts) -> BTreeMap<VolumeReference, Vec<UsedBy>> {
    let mut users: BTreeMap<VolumeReference, Vec<UsedBy>> = BTreeMap::new();
    for workload in &facts.workloads {
        for (of, used) in &workload.declared.uses {
            users.entry(of.clone()).or_default().push(UsedBy {
                workload: workload.name.clone(),
                access: used.access.unwrap_or(Access::ReadOnly),
            });
        }
    }
    users
}

/// For each volume the paths where containers, its workload's or others', see another one on top of it.
fn hidden(facts: &Facts) -> BTreeMap<String, Vec<Without>> {
    let mut hidden: BTreeMap<String, Vec<Without>> = BTreeMap::new();
    for workload in &facts.workloads {
        for (outer, inner) in nested(&workload.places()) {
            let without = Without {
                path: below(outer, inner),
                volume: full_name(workload, inner),
            };
            let all = hidden.entry(full_name(workload, outer)).or_default();
            if !all.contains(&without) {
                all.push(without);
            }
        }
    }
    for all in hidden.values_mut() {
        all.sort();
    }
    hidden
}

/// A volume's name with its workload's before it.
fn full_name(workload: &WorkloadFacts, place: &Place) -> String {
    if place.volume.contains('/') {
        place.volume.clone()
    } else {
        format!("{}/{}", workload.name, place.volume)
    }
}

fn below(outer: &Place, inner: &Place) -> String {
    let path = inner.path.as_str();
    path.strip_prefix(outer.path.as_str())
        .unwrap_or(path)
        .trim_start_matches('/')
        .to_owned()
}

/// What containers write outside of volumes, by workload.
fn layers(facts: &Facts, engine: &EnginePlan) -> Vec<Covered> {
    facts
        .workloads
        .iter()
        .filter(|workload| !workload.declared.containers.is_empty())
        .filter_map(|workload| {
            let store = match &workload.declared.user {
                Some(user) => engine.users.get(user),
                None => engine.system.as_ref(),
            }?;
            Some(Covered {
                copies: workload.replicas,
                ..store_entry(
                    Stored::ContainerLayers {
                        workload: workload.name.clone(),
                    },
                    store,
                    LAYERS,
                )
            })
        })
        .collect()
}

fn stores(engine: &EnginePlan) -> Vec<Covered> {
    let system = engine.system.iter().map(|store| (None, store));
    let users = engine
        .users
        .iter()
        .map(|(user, store)| (Some(user.clone()), store));
    system
        .chain(users)
        .map(|(user, store)| store_entry(Stored::EngineStore { user }, store, STORE))
        .collect()
}

fn store_entry(what: Stored, store: &StorePlan, reason: &str) -> Covered {
    let place = (&store.filesystem, &store.subvolume, &store.graph_root);
    entry(what, place, nothing(reason))
}

fn system(facts: &Facts, filesystems: &[FilesystemPlan]) -> Vec<Covered> {
    let mut covered = Vec::new();
    for (of, planned) in facts.filesystems.iter().zip(filesystems) {
        let name: &FilesystemName = of.name;
        let is_ephemeral = of.declared.ephemeral_root == Some(true);
        for mount in &planned.mounts {
            let reason = match (mount.role, mount.mount_point.as_str()) {
                (MountRole::EngineStore | MountRole::Volumes | MountRole::Snapshots, _) => continue,
                (MountRole::Swap, _) => {
                    "it holds pages of memory, which are worth nothing after a boot"
                }
                (MountRole::System, "/") if is_ephemeral => "it is begun anew at each boot",
                (MountRole::System, "/") => {
                    "the system is built again from its configuration; what services keep there is not declared"
                }
                (MountRole::System, "/nix") => {
                    "it is built or fetched again from the configuration"
                }
                (MountRole::System, _) => "no policy is declared for the system's own places",
            };
            let place = (name, &mount.subvolume, &mount.mount_point);
            covered.push(entry(Stored::System, place, nothing(reason)));
        }
    }
    covered
}
