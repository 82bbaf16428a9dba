//! Copies as groups: known when all volumes are placed, all users of them are known, and the runs are cut.

use std::collections::BTreeMap;

use crate::analysis::{Facts, engine_of_image};
use crate::plan::{
    GroupContainer, GroupEngine, GroupHook, GroupMember, GroupOccasions, GroupPlan, Instance, Job,
    JobSubvolume, ProtectionPlan, Taker, WorkloadPlan,
};
use crate::spec::{Consistency, Hook, OnError, Protection};
use crate::units::{ContainerName, Duration, UserName, WorkloadName};

/// How long containers may stand still where it is not said, in seconds.
const FREEZE_BUDGET: u64 = 10;
/// How long a hook may take where it is not said, in seconds: as zrepl and Velero have it.
const HOOK_TIMEOUT: u64 = 30;

/// What the jobs take of each copy, by its name: each subvolume with its job and the name of the run that has it.
type Taken<'p> = BTreeMap<&'p str, Vec<(&'p Job, &'p JobSubvolume, String)>>;

/// Containers that write to volumes of other workloads, by the owner of these.
type Writers = BTreeMap<WorkloadName, Vec<GroupContainer>>;

/// Makes each snapshotted copy a group.
pub(super) fn gather(
    facts: &Facts,
    protection: &ProtectionPlan,
    planned: &mut BTreeMap<WorkloadName, WorkloadPlan>,
) {
    let taken = taken(protection);
    let writers = writers_elsewhere(planned);
    for workload in &facts.workloads {
        let (Some(declared), Some(plan)) = (
            &workload.declared.protection,
            planned.get_mut(workload.name),
        ) else {
            continue;
        };
        for (copy, instance) in (1..).zip(&mut plan.instances) {
            let Some(members) = taken.get(instance.name.as_str()) else {
                continue;
            };
            let mut containers = own(workload.name, plan.user.as_ref(), instance);
            if declared.consistency == Some(Consistency::Application) {
                tell_engines(instance, &mut containers);
                add_hooks(&declared.hooks, copy, &mut containers);
            }
            // Others use the volumes of the first copy.
            if copy == 1 {
                containers.extend(writers.get(workload.name).into_iter().flatten().cloned());
            }
            containers.retain(|container| container.writes || container.hook.is_some());
            containers.sort_by_key(|one| (one.engine.is_some(), one.name.clone()));
            instance.protection = Some(group(declared, members, containers));
        }
    }
}

fn taken(protection: &ProtectionPlan) -> Taken<'_> {
    let mut taken = Taken::new();
    for job in &protection.jobs {
        let runs = job.runs();
        let names = runs
            .iter()
            .flat_map(|run| run.subvolumes.iter().map(|_| run.name.clone()));
        // The runs are the job's subvolumes, in their order.
        for (one, run) in job.subvolumes.iter().zip(names) {
            taken.entry(&one.copy).or_default().push((job, one, run));
        }
    }
    for members in taken.values_mut() {
        members.sort_by(|a, b| (&a.1.path, &a.0.filesystem).cmp(&(&b.1.path, &b.0.filesystem)));
    }
    taken
}

fn group(
    declared: &Protection,
    members: &[(&Job, &JobSubvolume, String)],
    containers: Vec<GroupContainer>,
) -> GroupPlan {
    let first = members.first();
    let taken_by = first.map_or(Taker::PodmanBtrfs, |(_, one, _)| one.taken_by);
    let on = &declared.snapshot_on;
    GroupPlan {
        consistency: declared.consistency.unwrap_or(Consistency::Crash),
        taken_by,
        run: first
            .filter(|_| taken_by == Taker::PodmanBtrfs)
            .map(|(_, _, run)| run.clone()),
        members: members
            .iter()
            .map(|(job, one, _)| GroupMember {
                filesystem: job.filesystem.clone(),
                path: one.path.clone(),
                host_path: one.host_path.clone(),
                series: one.name.clone(),
                snapshot_directory: job.snapshot_directory.clone(),
            })
            .collect(),
        containers,
        freeze_budget_seconds: declared
            .freeze_budget
            .map_or(FREEZE_BUDGET, Duration::seconds),
        snapshot_on: GroupOccasions {
            stop: on.stop == Some(true),
            image_update: on.image_update == Some(true),
            activation: on.activation == Some(true),
        },
    }
}

/// All containers of a copy.
fn own(workload: &WorkloadName, user: Option<&UserName>, copy: &Instance) -> Vec<GroupContainer> {
    let snapshotted = |name| copy.volumes.get(name).is_some_and(|volume| volume.snapshot);
    copy.containers
        .iter()
        .map(|(name, container)| GroupContainer {
            name: name.clone(),
            workload: workload.clone(),
            user: user.cloned(),
            writes: container
                .mounts
                .keys()
                .any(|volume| snapshotted(volume) && !container.read_only.contains(volume)),
            engine: None,
            hook: None,
        })
        .collect()
}

/// Containers that write to snapshotted volumes of others.
fn writers_elsewhere(planned: &BTreeMap<WorkloadName, WorkloadPlan>) -> Writers {
    let mut writers = Writers::new();
    for (workload, plan) in planned {
        for (name, container) in plan.instances.iter().flat_map(|copy| &copy.containers) {
            for (of, _) in container.uses.iter().filter(|(_, used)| !used.read_only) {
                let owner = planned.get(&of.workload);
                let volume = owner
                    .and_then(|owner| owner.instances.first())
                    .and_then(|copy| copy.volumes.get(&of.volume));
                let all = writers.entry(of.workload.clone()).or_default();
                let is_known = all.iter().any(|known| known.name == *name);
                if volume.is_some_and(|volume| volume.snapshot) && !is_known {
                    all.push(GroupContainer {
                        name: name.clone(),
                        workload: workload.clone(),
                        user: plan.user.clone(),
                        writes: true,
                        engine: None,
                        hook: None,
                    });
                }
            }
        }
    }
    writers
}

/// Tells the containers that an engine runs in where its data is: the only one that writes there, or the one whose
/// image is the engine's. A container has one engine.
fn tell_engines(copy: &Instance, containers: &mut [GroupContainer]) {
    for (volume, planned) in &copy.volumes {
        let Some(engine) = planned.engine.filter(|engine| {
            planned.snapshot && planned.class.is_none_or(|class| class == engine.class())
        }) else {
            continue;
        };
        let writing: Vec<&ContainerName> = copy
            .containers
            .iter()
            .filter(|(_, one)| one.mounts.contains_key(volume) && !one.read_only.contains(volume))
            .map(|(name, _)| name)
            .collect();
        let by_image = |name: &&&ContainerName| {
            let image = copy
                .containers
                .get(**name)
                .and_then(|one| one.image.as_ref());
            image.and_then(engine_of_image) == Some(engine)
        };
        let found = match writing.as_slice() {
            [only] => Some(only),
            several => several.iter().find(by_image),
        };
        let path = found
            .and_then(|name| copy.containers.get(*name))
            .and_then(|container| container.mounts.get(volume));
        let told = containers
            .iter_mut()
            .find(|one| found.is_some_and(|name| one.name == **name) && one.engine.is_none());
        if let (Some(told), Some(path)) = (told, path) {
            told.engine = Some(GroupEngine {
                name: engine,
                volume: volume.clone(),
                path: path.clone(),
            });
        }
    }
}

/// Adds the declared hooks, each to the engine's own or in its place.
fn add_hooks(hooks: &BTreeMap<ContainerName, Hook>, copy: u32, containers: &mut [GroupContainer]) {
    for (name, hook) in hooks {
        let name = name.replica(copy);
        let Some(container) = containers.iter_mut().find(|one| one.name == name) else {
            continue;
        };
        if hook.replaces == Some(true) {
            container.engine = None;
        }
        container.hook = Some(GroupHook {
            freeze: hook.freeze.clone(),
            thaw: hook.thaw.clone(),
            timeout_seconds: hook.timeout.map_or(HOOK_TIMEOUT, Duration::seconds),
            on_error: hook.on_error.unwrap_or(OnError::Continue),
        });
    }
}
