//! One group snapshot, in order: what was left behind, whether anything changed, hold still, snapshot, let go, publish.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use podman_btrfs_core::plan::{GroupDump, Plan};
use podman_btrfs_core::spec::Consistency;
use podman_btrfs_core::units::{ContainerName, UserName};
use serde::Serialize;

use super::dump::{self, Dumps};
use super::frozen::{TAKING, thaw_all};
use super::generation::Generations;
use super::hold::{Holding, LetGo, Stop};
use super::podman::{Podman, Seen, State};
use super::record::{Heading, Reason, Record};
use super::staging::Staged;
use super::target::{Group, Member};
use crate::lock::Lock;
use crate::marker::Marker;
use crate::metrics::must_be_mounted;
use crate::observe::{mountinfo, snapshot_names};
use crate::system::{Fault, NodeKind, System, create_directories};

/// How long another command that is at work is waited for: longer than a group snapshot takes.
pub const WAIT: Duration = Duration::from_secs(60);
/// How long a snapshot of a schedule waits for it: our choice, longer than an update watches an image where nothing else is said.
pub const SCHEDULED_WAIT: Duration = Duration::from_secs(10 * 60);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where locks and files of what is frozen are.
    pub work_directory: PathBuf,
    /// The lock of commands that change where volumes lie; it is shared with them, so that none is at work meanwhile. `None`: whoever
    /// asks has it.
    pub apply_lock: Option<PathBuf>,
    /// This program, for the watchdog.
    pub program: PathBuf,
    /// Why.
    pub reason: Reason,
    /// Take none where nothing changed since the newest one.
    pub only_changed: bool,
    /// Only look, and say what would be done.
    pub dry_run: bool,
    /// The images of containers that were stopped for it, and are not there to be asked.
    pub images: BTreeMap<ContainerName, String>,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The copy of the workload.
    pub copy: String,
    /// In one word.
    pub outcome: Outcome,
    /// Why none was taken, or less was reached than was wanted.
    pub because: Option<String>,
    /// Where the snapshots are.
    pub snapshots: Vec<PathBuf>,
    /// What each of them says.
    pub record: Option<Record>,
    /// Containers that are paused, or would be.
    pub pauses: Vec<String>,
    /// What is worth telling besides.
    pub notes: Vec<String>,
}

/// What a group snapshot came to, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is there, and shows what was wanted.
    Taken,
    /// It is there, and shows less, which it says.
    TakenWithLess,
    /// Nothing changed since the newest one, which is as good.
    Unchanged,
    /// None was taken; everything goes on, and nothing is left.
    Abandoned,
    /// Another command is at work, which keeps what it replaces itself.
    LeftToAnother,
    /// It would be taken.
    Planned,
}

impl Report {
    /// Whether somebody is to see to it.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        let failed = |record: &Record| {
            record
                .hooks
                .iter()
                .any(|hook| hook.outcome.starts_with("failed"))
                || record
                    .dumps
                    .iter()
                    .any(|dump| dump.outcome.starts_with("failed"))
        };
        match self.outcome {
            Outcome::Abandoned => true,
            Outcome::Taken | Outcome::TakenWithLess => self.record.as_ref().is_some_and(failed),
            Outcome::Unchanged | Outcome::LeftToAnother | Outcome::Planned => false,
        }
    }
}

/// Takes one.
///
/// # Errors
/// When the machine fails; what was held still goes on all the same, unless the fault says that it does not.
pub fn take(
    plan: &Plan,
    group: &Group,
    request: &Request,
    system: &dyn System,
) -> Result<Report, Fault> {
    create_directories(system, &request.work_directory)?;
    let mut dumps = Dumps::default();
    if !request.dry_run && !group.dumps.is_empty() {
        // Not into a bare directory. What is held below is not held for so long.
        must_be_there(plan, group, system)?;
        dumps = dump::make(group, request, system)?;
        if dumps.stop.is_some() {
            return not_dumped(group, request, dumps, system);
        }
    }
    let Some(_together) = together(request)? else {
        return Ok(Report {
            outcome: Outcome::LeftToAnother,
            because: Some(
                "another command of podman-btrfs is at work, which stops containers itself and keeps what it replaces"
                    .into(),
            ),
            ..Report::begun(group)
        });
    };
    // After the other lock: whoever has that one alone may take a snapshot himself.
    let _alone = Lock::take_within(&request.work_directory.join(TAKING), WAIT)?;
    must_be_there(plan, group, system)?;
    let heading = heading(group, request, system)?;
    let staged = Staged::of(group, &heading.id);
    let mut report = Report::begun(group);
    if !request.dry_run {
        report.notes = leftovers(&staged, request, system)?;
        // So that what only lies in memory has a generation, and the snapshots have little to write out while all is held still.
        staged.sync(system)?;
    }
    dumps.settle(group, system)?;
    if dumps.stop.is_some() {
        return not_dumped(group, request, dumps, system);
    }
    // Of what is dumped nobody can tell by the members whether it changed.
    if request.only_changed && group.dumps.is_empty() && is_unchanged(group, system)? {
        report.outcome = Outcome::Unchanged;
        return Ok(report);
    }
    let mut record = Record::begun(heading);
    record.dumps = dumps.records;
    let seen = containers(group, system, &mut report)?;
    record.images = images(group, &seen);
    record.images.extend(request.images.clone());
    record.text().map_err(Fault::Unexpected)?;
    let programs = (request.program.as_path(), request.work_directory.as_path());
    let mut holding = Holding::new(system, group, programs, &record.id, &seen)?;
    report.pauses = holding.pauses();
    if request.dry_run {
        let would = |dump: &GroupDump| {
            let (container, engine) = (&dump.container, dump.engine.name());
            format!(
                "{container} is dumped into {} before ({engine})",
                dump.directory
            )
        };
        report.notes.extend(group.dumps.iter().map(would));
        report.record = Some(record);
        return Ok(report);
    }
    let taken = hold_and_take(&mut holding, &staged, &seen, system);
    let end = holding.let_go();
    report.notes.append(&mut holding.notes);
    record.hooks.clone_from(&holding.hooks);
    record.frozen_milliseconds = u64::try_from(end.lasted.as_millis()).unwrap_or(u64::MAX);
    match judge(group, taken, &end, holding.quiesced) {
        Ok((second, reached, because)) => {
            record.taken = staged.free_second(system, second)?;
            record.reached = reached;
            report.because = because;
            report.snapshots = staged.publish(system, &record)?;
            let is_dumped = record.dumps.iter().all(|dump| dump.outcome == "done");
            report.outcome = if record.reached >= record.wanted && is_dumped {
                Outcome::Taken
            } else {
                Outcome::TakenWithLess
            };
            report.because = report.because.or_else(|| less(&record));
        }
        Err(why) => {
            staged.delete(system)?;
            report.outcome = Outcome::Abandoned;
            report.because = Some(match why {
                Stop::Because(why) => why,
                Stop::Fault(fault) => return Err(still(&end).unwrap_or(fault)),
            });
        }
    }
    report.record = Some(record);
    still(&end).map_or(Ok(report), Err)
}

/// A dump without which no snapshot is to be taken was not made.
fn not_dumped(
    group: &Group,
    request: &Request,
    dumps: Dumps,
    system: &dyn System,
) -> Result<Report, Fault> {
    let mut record = Record::begun(heading(group, request, system)?);
    record.dumps = dumps.records;
    Ok(Report {
        outcome: Outcome::Abandoned,
        because: dumps.stop,
        record: Some(record),
        ..Report::begun(group)
    })
}

/// As long as it is there, no command that changes where volumes lie begins.
struct Together {
    _lock: Option<Lock>,
}

/// `None`: such a command is at work, and it is not waited for: it starts what it stopped only after the snapshot at that stop has come to
/// its end, so that each would wait for the other.
fn together(request: &Request) -> Result<Option<Together>, Fault> {
    let Some(lock) = &request.apply_lock else {
        return Ok(Some(Together { _lock: None }));
    };
    let shared = match request.reason.as_str() {
        Reason::STOP => Lock::share_if_free(lock)?,
        Reason::SCHEDULE => Some(Lock::share_within(lock, SCHEDULED_WAIT)?),
        _ => Some(Lock::share_within(lock, WAIT)?),
    };
    Ok(shared.map(|lock| Together { _lock: Some(lock) }))
}

impl Report {
    fn begun(group: &Group) -> Self {
        Self {
            copy: group.copy.clone(),
            outcome: Outcome::Planned,
            because: None,
            snapshots: Vec::new(),
            record: None,
            pauses: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// What does not go on is more than a finding.
fn still(end: &LetGo) -> Option<Fault> {
    (!end.failed.is_empty()).then(|| {
        Fault::Unexpected(format!(
            "{}; the watchdog tries again, and `podman-btrfs thaw` does",
            end.failed.join("; ")
        ))
    })
}

fn heading(group: &Group, request: &Request, system: &dyn System) -> Result<Heading, Fault> {
    Ok(Heading {
        id: Marker::born("group/snapshot", system)?.id,
        workload: group.workload.clone(),
        copy: group.copy.clone(),
        members: group.series(),
        wanted: group.wanted,
        reason: request.reason.clone(),
    })
}

/// Its subvolumes, and where their snapshots go, on the planned filesystems.
fn must_be_there(plan: &Plan, group: &Group, system: &dyn System) -> Result<(), Fault> {
    let mounts = mountinfo::read(system)?;
    for member in &group.members {
        let filesystem = plan.filesystems.get(&member.filesystem).ok_or_else(|| {
            Fault::Unexpected(format!("the plan has no filesystem {}", member.filesystem))
        })?;
        for path in [&member.source, &member.snapshots] {
            must_be_mounted(filesystem, &mounts, path)?;
        }
        let kind = system.look(&member.source)?.map(|node| node.kind);
        if kind != Some(NodeKind::Subvolume) {
            return Err(Fault::Unexpected(format!(
                "{} is no subvolume; `podman-btrfs apply` makes it, `podman-btrfs doctor` tells what is otherwise",
                member.source.display()
            )));
        }
    }
    Ok(())
}

/// What runs before this one left: nothing stands still, and nothing lies about.
fn leftovers(
    staged: &Staged,
    request: &Request,
    system: &dyn System,
) -> Result<Vec<String>, Fault> {
    let thawed = thaw_all(system, &request.work_directory, true)?;
    if !thawed.failed.is_empty() {
        return Err(Fault::Unexpected(format!(
            "what a run before this one held still does not go on: {}",
            thawed.failed.join("; ")
        )));
    }
    let mut notes = Vec::new();
    if !thawed.went_on.is_empty() {
        notes.push(format!(
            "a run before this one was ended in the middle; of what it held still went on only now: {}",
            thawed.went_on.join(", ")
        ));
    }
    notes.append(&mut staged.settle_leftovers(system)?);
    Ok(notes)
}

/// Whether no member changed since the newest snapshots, which are one group snapshot of these members and as good as another.
fn is_unchanged(group: &Group, system: &dyn System) -> Result<bool, Fault> {
    let mut common: Option<Record> = None;
    for member in &group.members {
        let Some((path, record)) = newest(member, system)? else {
            return Ok(false);
        };
        if common.as_ref().is_some_and(|other| *other != record) {
            return Ok(false);
        }
        let (now, then) = (
            Generations::of(&member.source, system)?,
            Generations::of(&path, system)?,
        );
        if now.last != then.made {
            return Ok(false);
        }
        common = Some(record);
    }
    let is_good = |record: &Record| {
        let failed = record
            .hooks
            .iter()
            .any(|hook| hook.outcome.starts_with("failed"));
        record.members == group.series() && record.wanted == group.wanted && !failed
    };
    Ok(common.is_some_and(|record| is_good(&record)))
}

/// The newest snapshot of a member, where it was taken by us.
fn newest(member: &Member, system: &dyn System) -> Result<Option<(PathBuf, Record)>, Fault> {
    let names = system.list(&member.snapshots)?.unwrap_or_default();
    let of_it = names.iter().filter_map(|name| {
        let (series, when) = snapshot_names::btrbk(name)?;
        (series == member.series).then_some((when, name))
    });
    let Some((_, name)) = of_it.max() else {
        return Ok(None);
    };
    let path = member.snapshots.join(name);
    Ok(Record::of(&path, system)?.map(|record| (path, record)))
}

/// What is known of the group's containers. A group that needs none of them held still is snapshotted also where Podman does not answer.
fn containers(
    group: &Group,
    system: &dyn System,
    report: &mut Report,
) -> Result<BTreeMap<ContainerName, Seen>, Fault> {
    let users: BTreeSet<Option<&UserName>> = group
        .containers
        .values()
        .map(|one| one.user.as_ref())
        .collect();
    let mut seen = BTreeMap::new();
    for user in users {
        let its = group
            .containers
            .iter()
            .filter(|(_, one)| one.user.as_ref() == user);
        let names: Vec<&ContainerName> = its.map(|(name, _)| name).collect();
        match Podman::of(system, user).and_then(|podman| podman.containers(&names)) {
            Ok(found) => seen.extend(found),
            Err(fault) if !group.is_frozen() && group.hooks.is_empty() => {
                report.notes.push(format!(
                    "the images of its containers are not known: {fault}"
                ));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(seen)
}

fn images(group: &Group, seen: &BTreeMap<ContainerName, Seen>) -> BTreeMap<ContainerName, String> {
    let of_copy = |name: &ContainerName| group.containers.get(name).is_some_and(|one| one.of_copy);
    let running = seen.iter().filter(|(name, seen)| {
        of_copy(name) && seen.state != State::Resting && !seen.image.is_empty()
    });
    running
        .map(|(name, seen)| (name.clone(), seen.image.clone()))
        .collect()
}

/// The second of the snapshots.
fn hold_and_take(
    holding: &mut Holding<'_>,
    staged: &Staged,
    seen: &BTreeMap<ContainerName, Seen>,
    system: &dyn System,
) -> Result<Taken, Stop> {
    wait_for_a_free_second(staged, system)?;
    if holding.is_needed() {
        holding.begin(seen)?;
    }
    let second = system.now();
    staged.take(system)?;
    Ok(Taken {
        second,
        was_over: holding.is_over(),
    })
}

/// All members were taken.
#[derive(Clone, Copy, Debug)]
struct Taken {
    second: u64,
    /// After the time that writers may be held up: somebody may have let them go on before.
    was_over: bool,
}

/// All members have one time in their names, and a second one of that second has none to take.
fn wait_for_a_free_second(staged: &Staged, system: &dyn System) -> Result<(), Fault> {
    for _ in 0..40 {
        let now = system.now();
        if staged.free_second(system, now)? != now.saturating_add(1) {
            // Free, or the clock was set back, and no waiting helps.
            return Ok(());
        }
        system.pause(Duration::from_millis(50));
    }
    Ok(())
}

/// What was reached, and why less: nothing that cannot be shown. Or why no snapshot is kept.
fn judge(
    group: &Group,
    taken: Result<Taken, Stop>,
    end: &LetGo,
    quiesced: bool,
) -> Result<(u64, Consistency, Option<String>), Stop> {
    let taken = taken?;
    let over = || {
        format!(
            "writers may be held up for {} s, and the snapshots were not taken by then",
            group.budget.as_secs_f32()
        )
    };
    if group.is_frozen() {
        if taken.was_over {
            return Err(Stop::Because(over()));
        }
        if end.was_broken {
            return Err(Stop::Because(
                "a container went on, or ended, before all snapshots were taken".into(),
            ));
        }
    }
    let moment = if group.members.len() == 1 || group.is_frozen() {
        Consistency::Crash
    } else {
        Consistency::None
    };
    Ok(if taken.was_over {
        (taken.second, moment, Some(over()))
    } else if quiesced && moment == Consistency::Crash {
        (taken.second, Consistency::Application, None)
    } else {
        (taken.second, moment, None)
    })
}

/// Why less was reached than was wanted.
fn less(record: &Record) -> Option<String> {
    let old = record.dumps.iter().filter(|dump| dump.outcome != "done");
    let old: Vec<String> = old
        .map(|dump| format!("{} was not dumped: {}", dump.container, dump.outcome))
        .collect();
    if record.reached >= record.wanted {
        return (!old.is_empty()).then(|| old.join("; "));
    }
    let is_weak = |outcome: &str| outcome.starts_with("failed") || outcome.starts_with("none");
    let weak = record.hooks.iter().filter(|hook| is_weak(&hook.outcome));
    let told: Vec<String> = weak
        .map(|hook| format!("{}: {}", hook.container, hook.outcome))
        .collect();
    let less = match told.as_slice() {
        [] => "no hook quiesces any of its applications".to_owned(),
        told => told.join("; "),
    };
    let all: Vec<String> = std::iter::once(less).chain(old).collect();
    Some(all.join("; "))
}
