//! Copies as groups: known when all volumes are placed, all users of them are known, and the runs are cut.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{Facts, engine_of_image};
use crate::plan::{
    GroupContainer, GroupDump, GroupEngine, GroupHook, GroupMember, GroupOccasions, GroupPlan,
    Instance, Job, JobSubvolume, ProtectionPlan, Taker, WorkloadPlan,
};
use crate::spec::{Consistency, DatabaseEngine, Dump, Hook, OnError, Protection};
use crate::units::{
    ContainerName, ContainerPath, Duration, ImageReference, UserName, VolumeName, WorkloadName,
};

/// How long containers may stand still where it is not said, in seconds.
const FREEZE_BUDGET: u64 = 10;
/// How long a hook may take where it is not said, in seconds: as zrepl and Velero have it.
const HOOK_TIMEOUT: u64 = 30;

/// How long a dump may take where it is not said, in seconds: our choice, an hour.
const DUMP_TIMEOUT: u64 = 3600;

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
            let home = workload
                .filesystem
                .map(|index| facts.filesystems[index].name);
            let home = members
                .iter()
                .find(|(job, _, _)| Some(&job.filesystem) == home)
                .or(members.first());
            let dumps = dumps(&declared.dumps, copy, plan.user.as_ref(), instance);
            instance.protection =
                home.map(|home| group(declared, home, members, (containers, dumps)));
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
    (_, home, run): &(&Job, &JobSubvolume, String),
    members: &[(&Job, &JobSubvolume, String)],
    (containers, dumps): (Vec<GroupContainer>, Vec<GroupDump>),
) -> GroupPlan {
    let taken_by = home.taken_by;
    let on = &declared.snapshot_on;
    GroupPlan {
        consistency: declared.consistency.unwrap_or(Consistency::Crash),
        taken_by,
        run: (taken_by == Taker::PodmanBtrfs).then(|| run.clone()),
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
        dumps,
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

/// Tells the containers that an engine runs in where its data is. A container has one engine: of several that are
/// known the one of its image, and no name decides between the rest.
fn tell_engines(copy: &Instance, containers: &mut [GroupContainer]) {
    let mut found: BTreeMap<&ContainerName, Vec<GroupEngine>> = BTreeMap::new();
    for (volume, planned) in copy.volumes.iter().filter(|(_, planned)| planned.snapshot) {
        let is_data = |engine: &DatabaseEngine| planned.class.is_none_or(|of| of == engine.class());
        if let Some(engine) = planned.engine.filter(is_data)
            && let Some((container, path)) = runs_in(copy, volume, engine)
        {
            found.entry(container).or_default().push(GroupEngine {
                name: engine,
                volume: volume.clone(),
                path: path.clone(),
            });
        }
    }
    for container in containers {
        let engines = found.remove(&container.name).into_iter().flatten();
        let own = image_engine(copy, &container.name);
        container.engine =
            engines.min_by_key(|one| (Some(one.name) != own, one.name, one.path.clone()));
    }
}

/// The container that an engine runs in, and where it sees a volume: the only one that writes there, or the one whose
/// image is the engine's.
fn runs_in<'c>(
    copy: &'c Instance,
    volume: &VolumeName,
    engine: DatabaseEngine,
) -> Option<(&'c ContainerName, &'c ContainerPath)> {
    let writing: Vec<_> = copy
        .containers
        .iter()
        .filter(|(_, one)| !one.read_only.contains(volume))
        .filter_map(|(name, one)| Some((name, one.mounts.get(volume)?)))
        .collect();
    match writing.as_slice() {
        [only] => Some(*only),
        several => {
            let mut of_image = several
                .iter()
                .filter(|(name, _)| image_engine(copy, name) == Some(engine));
            // Of two that write to one engine's data nobody can say which is the server.
            of_image
                .next()
                .filter(|_| of_image.next().is_none())
                .copied()
        }
    }
}

fn image_engine(copy: &Instance, container: &ContainerName) -> Option<DatabaseEngine> {
    let image = copy.containers.get(container)?.image.as_ref()?;
    engine_of_image(image)
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

/// What is dumped of a copy. That each has an engine and a volume that is snapshotted was asked for (PB628).
fn dumps(
    declared: &BTreeMap<ContainerName, Dump>,
    number: u32,
    user: Option<&UserName>,
    copy: &Instance,
) -> Vec<GroupDump> {
    let planned = |(name, dump): (&ContainerName, &Dump)| {
        let container = name.replica(number);
        let volume = copy.volumes.get(&dump.into)?;
        let of = copy.containers.get(&container)?;
        let engine = dump.engine.or_else(|| {
            let mounted = of.mounts.keys();
            let engines = mounted.filter_map(|volume| copy.volumes.get(volume)?.engine);
            engine_of(of.image.as_ref(), engines)
        })?;
        Some(GroupDump {
            container,
            user: user.cloned(),
            engine,
            volume: dump.into.clone(),
            directory: volume.host_path.clone(),
            timeout_seconds: dump.timeout.map_or(DUMP_TIMEOUT, Duration::seconds),
            on_error: dump.on_error.unwrap_or(OnError::Continue),
        })
    };
    declared.iter().filter_map(planned).collect()
}

/// The engine in a container: the one that wrote the volumes which it mounts; of several, or where none is known, that of its image.
pub(crate) fn engine_of(
    image: Option<&ImageReference>,
    mounted: impl Iterator<Item = DatabaseEngine>,
) -> Option<DatabaseEngine> {
    let engines: BTreeSet<DatabaseEngine> = mounted.collect();
    match engines.first() {
        Some(only) if engines.len() == 1 => Some(*only),
        _ => image.and_then(engine_of_image),
    }
}

#[cfg(test)]
mod tests;
