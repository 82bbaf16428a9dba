//! What a group is: its members, the containers that write to them, and what quiesces those.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use podman_btrfs_core::plan::{
    GroupDump, GroupMember, GroupPlan, Instance, Job, Plan, WorkloadPlan,
};
use podman_btrfs_core::spec::{Consistency, DatabaseEngine, OnError};
use podman_btrfs_core::units::{
    ContainerName, ContainerPath, FilesystemName, SubvolumePath, UserName, WorkloadName,
};

/// How long an engine's hook may take where nothing is declared: a checkpoint of a large database takes tens of seconds.
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
    /// Those of them that write to it, in the order in which they are paused.
    pub paused: Vec<ContainerName>,
    /// What quiesces the applications.
    pub hooks: Vec<Hook>,
    /// What is dumped before, in order.
    pub dumps: Vec<GroupDump>,
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

/// A container that a group has to do with.
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

impl Group {
    /// That of a copy of a workload; `None` where nothing of it is in snapshots.
    ///
    /// The one place that knows in which fields of the plan all this stands.
    #[must_use]
    pub fn of(plan: &Plan, name: &WorkloadName, copy: &str) -> Option<Self> {
        let workload = plan.workloads.get(name)?;
        let instance = workload.instances.iter().find(|one| one.name == copy)?;
        let planned = instance.protection.as_ref()?;
        let wanted = planned.consistency;
        let writers = planned.containers.iter().filter(|one| one.writes);
        Some(Self {
            workload: name.clone(),
            copy: copy.to_owned(),
            members: planned.members.iter().map(member).collect(),
            wanted,
            containers: containers(workload, instance, planned),
            paused: writers.map(|one| one.name.clone()).collect(),
            hooks: match wanted {
                Consistency::Application => hooks(instance, planned),
                Consistency::None | Consistency::Crash => Vec::new(),
            },
            dumps: planned.dumps.clone(),
            budget: Duration::from_secs(planned.freeze_budget_seconds),
        })
    }

    /// Those that a run of a job has us take, in order; `None` where the plan has no such run.
    #[must_use]
    pub fn of_run(plan: &Plan, run: &str) -> Option<Vec<Self>> {
        let mut runs = plan.protection.jobs.iter().flat_map(Job::runs);
        runs.find(|one| one.name == run)?;
        let is_of_it = |planned: &GroupPlan| planned.run.as_deref() == Some(run);
        let copies = plan.workloads.iter().flat_map(|(name, workload)| {
            let all = workload.instances.iter();
            let ours = all.filter(|one| one.protection.as_ref().is_some_and(is_of_it));
            ours.map(move |one| (name, one))
        });
        Some(
            copies
                .filter_map(|(name, copy)| Self::of(plan, name, &copy.name))
                .collect(),
        )
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

fn member(planned: &GroupMember) -> Member {
    Member {
        filesystem: planned.filesystem.clone(),
        path: planned.path.clone(),
        source: PathBuf::from(planned.host_path.as_str()),
        snapshots: PathBuf::from(planned.snapshot_directory.as_str()),
        series: planned.series.clone(),
    }
}

fn containers(
    workload: &WorkloadPlan,
    instance: &Instance,
    planned: &GroupPlan,
) -> BTreeMap<ContainerName, GroupContainer> {
    let others = planned.containers.iter().map(|one| {
        let user = one.user.clone();
        (
            one.name.clone(),
            GroupContainer {
                user,
                of_copy: false,
            },
        )
    });
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
    others.chain(own).collect()
}

/// Of each container what its engine asks for, and the declared commands.
fn hooks(instance: &Instance, planned: &GroupPlan) -> Vec<Hook> {
    let mut hooks = Vec::new();
    for one in &planned.containers {
        let declared = one.hook.as_ref();
        let hook = |kind| Hook {
            container: one.name.clone(),
            kind,
            limit: declared.map_or(HOOK_LIMIT, |hook| Duration::from_secs(hook.timeout_seconds)),
            on_error: declared.map_or(OnError::Continue, |hook| hook.on_error),
        };
        if let Some(engine) = &one.engine {
            let data = instance.volumes.get(&engine.volume).map(|volume| Data {
                host: PathBuf::from(volume.host_path.as_str()),
                inside: engine.path.clone(),
            });
            hooks.push(hook(HookKind::Engine(
                engine.name,
                data.into_iter().collect(),
            )));
        }
        if let Some(declared) = declared {
            hooks.push(hook(HookKind::Commands {
                freeze: declared.freeze.clone(),
                thaw: declared.thaw.clone(),
            }));
        }
    }
    hooks
}
