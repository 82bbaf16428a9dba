//! What follows for a subject on the host.

use serde::{Deserialize, Serialize};

use crate::plan::{
    FilesystemPlan, GroupPlan, Instance, Job, Moment, Placement, Plan, Subject, Taker, VolumePlan,
    WorkloadPlan,
};
use crate::spec::{Compression, OnError};
use crate::units::{ByteSize, Duration};

/// One thing that is so on the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// What it is about: `path`, `snapshots` …
    pub what: String,
    /// How it is.
    pub is: String,
}

fn say(what: &str, is: impl Into<String>) -> Statement {
    Statement {
        what: what.into(),
        is: is.into(),
    }
}

pub(super) fn of(subject: &Subject, plan: &Plan) -> Vec<Statement> {
    match subject {
        Subject::Volume(workload, name) => of_volume(plan, workload, name),
        Subject::Workload(name) => of_workload(plan, name),
        Subject::Filesystem(name) => of_filesystem(plan, name),
        Subject::Policy(name) => jobs(plan, |job| job.policy.as_str() == name).collect(),
        Subject::Host => of_host(plan),
        Subject::Engine => of_engine(plan),
    }
}

/// What the machine has to hold of what can run out, and what it is told.
fn of_host(plan: &Plan) -> Vec<Statement> {
    let demands = plan.density.demands.iter().filter_map(|demand| {
        let most = demand.most.filter(|_| !demand.what.is_bytes())?;
        let is = format!(
            "{} of {}, at most {most}: {}",
            demand.count, demand.of, demand.counted
        );
        Some(say(demand.what.name(), is))
    });
    let settings = plan.density.sysctls.iter();
    let settings = settings.map(|(name, value)| say("setting", format!("{name} = {value}")));
    let tasks = plan.density.user_tasks_max;
    let tasks = tasks.map(|most| say("setting", format!("TasksMax={most} in every user's slice")));
    demands.chain(settings).chain(tasks).collect()
}

fn workload<'p>(plan: &'p Plan, name: &str) -> Option<(&'p WorkloadPlan, &'p Instance)> {
    let (_, workload) = plan
        .workloads
        .iter()
        .find(|(known, _)| known.as_str() == name)?;
    Some((workload, workload.instances.first()?))
}

fn of_volume(plan: &Plan, of: &str, name: &str) -> Vec<Statement> {
    let Some((workload, copy)) = workload(plan, of) else {
        return Vec::new();
    };
    let Some((_, volume)) = copy
        .volumes
        .iter()
        .find(|(known, _)| known.as_str() == name)
    else {
        return Vec::new();
    };
    let mut said = vec![say("path", place(volume))];
    if let Some(filesystem) = plan.filesystems.get(&volume.filesystem) {
        said.push(say(
            "filesystem",
            on(volume.filesystem.as_str(), filesystem),
        ));
    }
    said.push(say("attributes", attributes(volume)));
    if let Some(bytes) = volume.limit_bytes {
        said.push(say("limit", ByteSize::from_bytes(bytes).to_string()));
    }
    for (container, planned) in &copy.containers {
        let mounted = planned
            .mounts
            .iter()
            .find(|(known, _)| known.as_str() == name);
        if let Some((_, path)) = mounted {
            let is = format!(
                "{container} at {path}; its unit starts after the mount of {}",
                volume.host_path
            );
            said.push(say("mounted by", is));
        }
    }
    said.extend(protection(plan, of, volume, name));
    said.extend(copies(workload, "volume"));
    said
}

fn place(volume: &VolumePlan) -> String {
    match volume.placement {
        Placement::GroupDirectory => {
            format!(
                "{}, a directory in the subvolume {}",
                volume.host_path, volume.subvolume
            )
        }
        Placement::OwnSubvolume => {
            format!("{}, the subvolume {}", volume.host_path, volume.subvolume)
        }
    }
}

fn on(name: &str, filesystem: &FilesystemPlan) -> String {
    format!(
        "{name}: {}, mounted with {}",
        filesystem.device,
        filesystem.mount_options.join(",")
    )
}

fn attributes(volume: &VolumePlan) -> String {
    if !volume.copy_on_write {
        return "nodatacow (`chattr +C`): no checksums, no compression".into();
    }
    match volume.compression {
        Some(Compression::None) => "copied on write; not compressed, by its property".into(),
        Some(compression) => format!(
            "copied on write; compressed by its property: {}",
            compression.name()
        ),
        None => "copied on write; compressed as the mount says".into(),
    }
}

/// Who takes snapshots of a volume, when, and where copies go; or why nobody does.
fn protection(plan: &Plan, workload: &str, volume: &VolumePlan, name: &str) -> Vec<Statement> {
    let is_own = |job: &Job| {
        let mut taken = job.subvolumes.iter();
        volume.snapshot
            && taken
                .any(|taken| taken.workload.as_str() == workload && taken.path == volume.subvolume)
    };
    let found: Vec<Statement> = jobs(plan, is_own).collect();
    if !found.is_empty() {
        return found;
    }
    let unprotected = plan
        .protection
        .unprotected
        .iter()
        .find(|it| it.workload.as_str() == workload && it.volume.as_str() == name);
    let reason = unprotected.map_or("nothing takes any", |it| it.reason.as_str());
    vec![say("snapshots", format!("none: {reason}"))]
}

/// Who takes what a job takes, and who prunes it.
fn takes(job: &Job) -> String {
    let tool = job.tool.name();
    let ours = job
        .subvolumes
        .iter()
        .filter(|one| one.taken_by == Taker::PodmanBtrfs);
    match ours.count() {
        0 => format!("{tool} takes"),
        all if all == job.subvolumes.len() => {
            format!("podman-btrfs takes them; {tool} prunes and sends")
        }
        some => format!(
            "{tool} takes, or podman-btrfs for it ({some} of {} subvolumes),",
            job.subvolumes.len()
        ),
    }
}

fn jobs<'p>(
    plan: &'p Plan,
    is_wanted: impl Fn(&Job) -> bool + 'p,
) -> impl Iterator<Item = Statement> + 'p {
    let wanted = plan
        .protection
        .jobs
        .iter()
        .filter(move |job| is_wanted(job));
    wanted.flat_map(|job| {
        let taken = say(
            "snapshots",
            format!(
                "{} them {} (every {}) and keeps all for {}h, then {}",
                takes(job),
                job.schedule.on_calendar,
                Duration::from_seconds(job.schedule.interval_seconds),
                job.keep_all_hours,
                job.keep
            ),
        );
        let copies = job.targets.iter().map(|(name, target)| {
            say(
                "copies",
                format!(
                    "go to {name}, {}, {}which keeps {}",
                    target.url.as_str(),
                    if target.encryption.is_some() {
                        "whole and encrypted, "
                    } else {
                        ""
                    },
                    target.keep
                ),
            )
        });
        let nowhere = job.targets.is_empty().then(|| {
            say(
                "copies",
                "go nowhere: they share the fate of the filesystem",
            )
        });
        [taken]
            .into_iter()
            .chain(copies)
            .chain(nowhere)
            .collect::<Vec<_>>()
    })
}

fn copies(workload: &WorkloadPlan, what: &str) -> Option<Statement> {
    let more = workload
        .instances
        .len()
        .checked_sub(1)
        .filter(|more| *more > 0)?;
    let last = workload.instances.last()?;
    Some(say(
        "replicas",
        format!(
            "{more} more copies have a {what} of their own, up to {}",
            last.name
        ),
    ))
}

fn of_workload(plan: &Plan, name: &str) -> Vec<Statement> {
    let Some((workload, copy)) = workload(plan, name) else {
        return Vec::new();
    };
    let names = |group: &[crate::units::SubvolumePath]| {
        let all: Vec<String> = group.iter().map(ToString::to_string).collect();
        all.join(", ")
    };
    let group = match copy.group.as_slice() {
        [] => "no snapshot holds it".to_owned(),
        [only] => format!("one snapshot of {only} shows all of it at one moment"),
        several if workload.moment == Some(Moment::FrozenSet) => format!(
            "{} snapshots while its containers hold still: {}",
            several.len(),
            names(several)
        ),
        several => format!(
            "{} snapshots, one after the other: {}",
            several.len(),
            names(several)
        ),
    };
    let mut said = vec![say("snapshots", group)];
    said.extend(copy.protection.iter().flat_map(of_group));
    for (volume, planned) in &copy.volumes {
        said.push(say("volume", format!("{volume}: {}", place(planned))));
    }
    for (container, planned) in &copy.containers {
        let needed: Vec<String> = planned
            .requires_mounts_for
            .iter()
            .map(ToString::to_string)
            .collect();
        if !needed.is_empty() {
            said.push(say(
                "container",
                format!(
                    "{container} starts after the mounts of {}",
                    needed.join(", ")
                ),
            ));
        }
    }
    said.extend(jobs(plan, |job| {
        job.subvolumes
            .iter()
            .any(|taken| taken.workload.as_str() == name)
    }));
    said.extend(copies(workload, "layout"));
    said
}

/// How a group is taken, where its tool does not do it alone.
fn of_group(group: &GroupPlan) -> Vec<Statement> {
    let mut said = Vec::new();
    if group.taken_by == Taker::PodmanBtrfs {
        said.push(say(
            "snapshots",
            format!(
                "podman-btrfs takes them; containers stand still for at most {}",
                Duration::from_seconds(group.freeze_budget_seconds)
            ),
        ));
    }
    for container in &group.containers {
        let engine = container
            .engine
            .as_ref()
            .map(|engine| format!("{} is held at {}", engine.name.name(), engine.path));
        let hook = container
            .hook
            .as_ref()
            .map(|_| "the declared hook is run".to_owned());
        let does: Vec<String> = engine.into_iter().chain(hook).collect();
        if !does.is_empty() {
            said.push(say(
                "freeze",
                format!("{}: {}", container.name, does.join(", ")),
            ));
        }
    }
    for dump in &group.dumps {
        said.push(say(
            "dump",
            format!(
                "{} is dumped by {}'s own tool before each snapshot, into {} (volume {}); it may take {}; where it fails, {}",
                dump.container,
                dump.engine.name(),
                dump.directory,
                dump.volume,
                Duration::from_seconds(dump.timeout_seconds),
                match dump.on_error {
                    OnError::Fail => "no snapshot is taken",
                    OnError::Continue => "the snapshot has the dump before",
                },
            ),
        ));
    }
    let on = group.snapshot_on;
    for (occasion, when) in [
        (on.stop, "when its last container has stopped"),
        (on.image_update, "before an image of it is replaced"),
        (on.activation, "before a new configuration is activated"),
    ] {
        if occasion {
            said.push(say("snapshots", format!("one more {when}")));
        }
    }
    said
}

fn of_filesystem(plan: &Plan, name: &str) -> Vec<Statement> {
    let found = plan
        .filesystems
        .iter()
        .find(|(known, _)| known.as_str() == name);
    let Some((_, filesystem)) = found else {
        return Vec::new();
    };
    let mut said = vec![say("device", on(name, filesystem))];
    for mount in &filesystem.mounts {
        said.push(say(
            "mount",
            format!("{} at {}", mount.subvolume, mount.mount_point),
        ));
    }
    said.push(say("subvolumes", filesystem.subvolumes.len().to_string()));
    said.extend(jobs(plan, |job| job.filesystem.as_str() == name));
    said
}

fn of_engine(plan: &Plan) -> Vec<Statement> {
    let engine = &plan.engine;
    let stores = engine
        .system
        .iter()
        .map(|store| ("store".to_owned(), store));
    let users = engine
        .users
        .iter()
        .map(|(user, store)| (format!("store of {user}"), store));
    stores
        .chain(users)
        .map(|(what, store)| {
            say(
                &what,
                format!(
                    "{} in {} of {}",
                    store.graph_root, store.subvolume, store.filesystem
                ),
            )
        })
        .collect()
}
