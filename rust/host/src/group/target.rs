//! What a group is: its members, the containers that write to them, and what quiesces those.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use podman_btrfs_core::plan::{Instance, Moment, MountRole, Plan, WorkloadPlan};
use podman_btrfs_core::spec::{Consistency, DatabaseEngine};
use podman_btrfs_core::units::{
    ContainerName, ContainerPath, FilesystemName, SubvolumePath, UserName, WorkloadName,
};

/// For how long applications are held up at most: our choice, below the time-outs of most clients.
pub const BUDGET: Duration = Duration::from_secs(10);

/// How long a hook may take: our choice; a checkpoint of a large database takes tens of seconds.
pub const HOOK_LIMIT: Duration = Duration::from_secs(30);

/// A copy of a workload as it is snapshotted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The workload.
    pub workload: WorkloadName,
    /// The copy, as `shop@2`.
    pub copy: String,
    /// Its subvolumes, in order.
    pub members: Vec<Member>,
    /// What is asked for.
    pub wanted: Consistency,
    /// The containers of the copy, and those of other workloads that write to its volumes.
    pub containers: BTreeMap<ContainerName, GroupContainer>,
    /// What quiesces the applications.
    pub hooks: Vec<Hook>,
    /// For how long applications are held up at most.
    pub budget: Duration,
}

/// A subvolume of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The filesystem.
    pub filesystem: FilesystemName,
    /// Below its top level.
    pub path: SubvolumePath,
    /// Where it is on the host.
    pub source: PathBuf,
    /// Where its snapshots are on the host.
    pub snapshots: PathBuf,
    /// The name of its series.
    pub series: String,
}

/// A container that writes to a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupContainer {
    /// Its rootless owner; `None`: root.
    pub user: Option<UserName>,
    /// Whether it is one of the copy.
    pub of_copy: bool,
}

/// What is run in a container to quiesce its application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// In which container.
    pub container: ContainerName,
    /// What.
    pub kind: HookKind,
    /// How long it may take.
    pub limit: Duration,
    /// What happens when it fails.
    pub on_error: OnError,
}

/// What a hook does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookKind {
    /// What this engine asks for.
    Engine(DatabaseEngine, Vec<Data>),
    /// Declared commands, as argument lists.
    Commands {
        /// Run before the snapshots.
        freeze: Vec<String>,
        /// Run after them, whatever happened.
        thaw: Vec<String>,
    },
}

/// Where an engine's data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// On the host.
    pub host: PathBuf,
    /// In the container.
    pub inside: ContainerPath,
}

/// What a hook that fails means for the snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// None is taken.
    Fail,
    /// It is taken all the same, and says what was reached.
    Continue,
}

impl Group {
    /// That of a copy of a workload; `None` where nothing of it is in snapshots.
    ///
    /// The one place that knows in which fields of the plan all this stands.
    #[must_use]
    pub fn of(plan: &Plan, name: &WorkloadName, copy: &str) -> Option<Self> {
        let workload = plan.workloads.get(name)?;
        let instance = workload.instances.iter().find(|one| one.name == copy)?;
        let members = members(plan, instance);
        if members.is_empty() {
            return None;
        }
        let wanted = workload.consistency.unwrap_or(Consistency::Crash);
        Some(Self {
            workload: name.clone(),
            copy: copy.to_owned(),
            containers: containers(plan, workload, instance),
            hooks: match wanted {
                Consistency::Application => engine_hooks(instance),
                Consistency::None | Consistency::Crash => Vec::new(),
            },
            members,
            wanted,
            budget: BUDGET,
        })
    }

    /// Those that a run of a job has us take, in order; `None` where the plan has no such run.
    #[must_use]
    pub fn of_run(plan: &Plan, run: &str) -> Option<Vec<Self>> {
        let mut runs = plan.protection.jobs.iter().flat_map(|job| job.runs());
        let found = runs.find(|one| one.name == run)?;
        let paths: BTreeSet<&SubvolumePath> =
            found.subvolumes.iter().map(|one| &one.path).collect();
        let mut groups = Vec::new();
        for (name, workload) in &plan.workloads {
            let is_ours = workload.consistency == Some(Consistency::Application)
                || workload.moment == Some(Moment::FrozenSet);
            for instance in workload.instances.iter().filter(|_| is_ours) {
                let in_run = instance.volumes.values().any(|volume| {
                    volume.filesystem == found.filesystem && paths.contains(&volume.subvolume)
                });
                if in_run {
                    groups.extend(Self::of(plan, name, &instance.name));
                }
            }
        }
        Some(groups)
    }

    /// The series of all members.
    #[must_use]
    pub fn series(&self) -> Vec<String> {
        self.members
            .iter()
            .map(|member| member.series.clone())
            .collect()
    }

    /// Whether the snapshots show one moment only where everything is held still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.members.len() > 1 && self.wanted != Consistency::None
    }
}

fn members(plan: &Plan, instance: &Instance) -> Vec<Member> {
    let volumes = instance.volumes.values().filter(|volume| volume.snapshot);
    let places: BTreeSet<_> = volumes
        .map(|volume| (&volume.filesystem, &volume.subvolume))
        .collect();
    let member = |(name, path): (&FilesystemName, &SubvolumePath)| {
        let filesystem = plan.filesystems.get(name)?;
        let mount = |role| filesystem.mounts.iter().find(|mount| mount.role == role);
        let (volumes, snapshots) = (mount(MountRole::Volumes)?, mount(MountRole::Snapshots)?);
        let above = format!("{}/", volumes.subvolume);
        let series = path.as_str().strip_prefix(&above)?;
        Some(Member {
            filesystem: name.clone(),
            path: path.clone(),
            source: PathBuf::from(volumes.mount_point.as_str()).join(series),
            snapshots: PathBuf::from(snapshots.mount_point.as_str()),
            series: series.to_owned(),
        })
    };
    places.into_iter().filter_map(member).collect()
}

fn containers(
    plan: &Plan,
    workload: &WorkloadPlan,
    instance: &Instance,
) -> BTreeMap<ContainerName, GroupContainer> {
    let own = instance.containers.keys().map(|name| {
        let user = workload.user.clone();
        (
            name.clone(),
            GroupContainer {
                user,
                of_copy: true,
            },
        )
    });
    let mut found: BTreeMap<_, _> = own.collect();
    let places: BTreeSet<_> = instance
        .volumes
        .values()
        .map(|volume| &volume.host_path)
        .collect();
    for other in plan.workloads.values() {
        for (name, container) in other.instances.iter().flat_map(|copy| &copy.containers) {
            let mut used = container.uses.values().filter(|used| !used.read_only);
            if used.any(|used| places.contains(&used.host_path)) {
                found.entry(name.clone()).or_insert_with(|| GroupContainer {
                    user: other.user.clone(),
                    of_copy: false,
                });
            }
        }
    }
    found
}

/// For each engine, the container that writes its data.
fn engine_hooks(instance: &Instance) -> Vec<Hook> {
    let mut data: BTreeMap<(&ContainerName, DatabaseEngine), Vec<Data>> = BTreeMap::new();
    for (volume, planned) in instance
        .volumes
        .iter()
        .filter(|(_, volume)| volume.snapshot)
    {
        let Some(engine) = planned.engine else {
            continue;
        };
        let mut writers = instance.containers.iter().filter_map(|(name, container)| {
            let inside = container.mounts.get(volume)?;
            (!container.read_only.contains(volume)).then_some((name, inside))
        });
        if let Some((container, inside)) = writers.next() {
            data.entry((container, engine)).or_default().push(Data {
                host: PathBuf::from(planned.host_path.as_str()),
                inside: inside.clone(),
            });
        }
    }
    let hook = |((container, engine), data): ((&ContainerName, DatabaseEngine), Vec<Data>)| Hook {
        container: container.clone(),
        kind: HookKind::Engine(engine, data),
        limit: HOOK_LIMIT,
        on_error: OnError::Continue,
    };
    data.into_iter().map(hook).collect()
}
