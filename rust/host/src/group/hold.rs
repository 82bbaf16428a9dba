//! What is held still for the time of the snapshots: begun in order, let go in reverse order, whatever happened in between.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use podman_btrfs_core::spec::OnError;
use podman_btrfs_core::units::{ContainerName, UserName};

use super::cgroup::Still;
use super::engine::{self, Begun, Place};
use super::frozen::{self, Frozen, Held, Release, Went, control_unit};
use super::podman::{PATIENCE, Podman, Seen, State};
use super::record::HookRecord;
use super::target::{Group, Hook};
use super::timer::Timer;
use super::watchdog::Watchdog;
use crate::system::{Fault, System};

/// Why nothing more is begun.
#[derive(Debug)]
pub(super) enum Stop {
    /// In words.
    Because(String),
    /// The machine failed.
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What is held still, or is about to be.
pub(super) struct Holding<'a> {
    system: &'a dyn System,
    group: &'a Group,
    program: &'a Path,
    work_directory: &'a Path,
    frozen: Frozen,
    watchdog: Option<Watchdog>,
    timer: Option<Timer>,
    /// Since when writers are held up.
    since: Option<Duration>,
    sessions: Vec<(usize, engine::Held)>,
    releases: Vec<(usize, Release)>,
    /// Of the containers of the file the first so many were paused, or it was tried.
    paused: usize,
    /// What each hook came to.
    pub(super) hooks: Vec<HookRecord>,
    /// Whether each of them made its data what the application acknowledged.
    pub(super) quiesced: bool,
    /// What is worth telling besides.
    pub(super) notes: Vec<String>,
}

/// How it ended.
#[derive(Debug, Default)]
pub(super) struct LetGo {
    /// For how long writers were held up.
    pub(super) lasted: Duration,
    /// True: somebody else let a container go on before us.
    pub(super) was_broken: bool,
    /// What does not go on, in words.
    pub(super) failed: Vec<String>,
}

impl<'a> Holding<'a> {
    /// Of a group, whose containers are these; those that are to be paused are running now.
    pub(super) fn new(
        system: &'a dyn System,
        group: &'a Group,
        (program, work_directory): (&'a Path, &'a Path),
        id: &str,
        seen: &BTreeMap<ContainerName, Seen>,
    ) -> Result<Self, Fault> {
        let hooks: Duration = group.hooks.iter().map(|hook| hook.limit).sum();
        let most = system.uptime() + hooks + group.budget + PATIENCE;
        let mut frozen = Frozen::new(id, &group.copy, most);
        if group.is_frozen() {
            frozen.containers = to_pause(system, group, seen)?;
        }
        Ok(Self {
            system,
            group,
            program,
            work_directory,
            frozen,
            watchdog: None,
            timer: None,
            since: None,
            sessions: Vec::new(),
            releases: Vec::new(),
            paused: 0,
            hooks: Vec::new(),
            quiesced: false,
            notes: Vec::new(),
        })
    }

    /// The hooks in the order in which they are begun: those that hold nobody up first.
    fn ordered(&self) -> Vec<&'a Hook> {
        let (holding, others): (Vec<&Hook>, Vec<&Hook>) = self
            .group
            .hooks
            .iter()
            .partition(|hook| engine::holds_writers(hook));
        others.into_iter().chain(holding).collect()
    }

    /// Whether there is anything to hold still.
    pub(super) fn is_needed(&self) -> bool {
        !self.frozen.containers.is_empty() || !self.group.hooks.is_empty()
    }

    /// The containers that are paused.
    pub(super) fn pauses(&self) -> Vec<String> {
        let names = self
            .frozen
            .containers
            .iter()
            .map(|one| one.container.to_string());
        names.collect()
    }

    /// Holds everything still.
    pub(super) fn begin(&mut self, seen: &BTreeMap<ContainerName, Seen>) -> Result<(), Stop> {
        let hooks = self.ordered();
        for hook in &hooks {
            if let (Some(what), Some(container)) =
                (engine::release(hook), seen.get(&hook.container))
            {
                self.frozen
                    .releases
                    .push(self.release_of(hook, what, &container.id));
            }
        }
        self.frozen.keep(self.system, self.work_directory)?;
        let id = self.frozen.id.clone();
        let watchdog = Watchdog::start(self.system, self.program, self.work_directory, &id);
        self.watchdog = Some(watchdog?);
        self.quiesced = !hooks.is_empty();
        for hook in hooks {
            self.hook(hook, seen.get(&hook.container))?;
        }
        if !self.frozen.containers.is_empty() {
            self.held_up()?;
            self.pause()?;
        }
        Ok(())
    }

    fn release_of(&self, hook: &Hook, what: frozen::What, id: &str) -> Release {
        Release {
            container: hook.container.clone(),
            id: id.to_owned(),
            user: self.user(&hook.container),
            what,
            seconds: hook.limit.as_secs(),
        }
    }

    fn user(&self, container: &ContainerName) -> Option<UserName> {
        self.group.containers.get(container)?.user.clone()
    }

    /// From now on writers are held up: the budget is counted, by us, by the watchdog and by systemd.
    fn held_up(&mut self) -> Result<(), Stop> {
        if self.since.is_some() {
            return Ok(());
        }
        let usable = self.usable();
        let id = self.frozen.id.clone();
        let programs = (self.program, self.work_directory);
        match Timer::arm(self.system, programs, &id, self.group.budget) {
            Ok(timer) => self.timer = timer,
            Err(fault) => self
                .notes
                .push(format!("no timer of systemd's stands by: {fault}")),
        }
        let now = self.system.uptime();
        self.frozen.until = u64::try_from((now + usable).as_millis()).unwrap_or(u64::MAX);
        self.frozen.keep(self.system, self.work_directory)?;
        let now = self.system.uptime();
        self.since = Some(now);
        if let Some(watchdog) = &mut self.watchdog {
            watchdog.hold(usable)?;
        }
        Ok(())
    }

    /// The budget less what letting go takes, which is begun then: a tenth of it.
    fn usable(&self) -> Duration {
        self.group.budget * 9 / 10
    }

    /// What is left of the budget.
    pub(super) fn rest(&self) -> Duration {
        match self.since {
            Some(since) => (since + self.usable()).saturating_sub(self.system.uptime()),
            None => self.usable(),
        }
    }

    /// Whether writers were held up for longer than they may be.
    pub(super) fn is_over(&self) -> bool {
        self.since.is_some() && self.rest().is_zero()
    }

    fn hook(&mut self, hook: &Hook, seen: Option<&Seen>) -> Result<(), Stop> {
        let begun = match seen.map(|seen| (seen, seen.state)) {
            Some((seen, State::Running)) => self.run_hook(hook, seen)?,
            Some((_, State::Paused)) => {
                Ok(not_running("none: somebody paused the container before"))
            }
            Some((_, State::Resting)) | None => Ok(not_running("none: the container does not run")),
        };
        let (outcome, position, quiesced) = match begun {
            Ok(begun) => {
                if let Some(held) = begun.held {
                    self.sessions.push((self.hooks.len(), held));
                }
                (begun.outcome, begun.position, begun.quiesced)
            }
            Err(why) => {
                let why = format!("failed: {}", one_line(&why));
                if hook.on_error == OnError::Fail {
                    let because = format!("the hook of {} {why}", hook.container);
                    self.note_hook(hook, why, None);
                    return Err(Stop::Because(because));
                }
                (why, None, false)
            }
        };
        self.quiesced &= quiesced;
        self.note_hook(hook, outcome, position);
        if self.is_over() {
            let because = format!(
                "the hook of {} took longer than writers may be held up",
                hook.container
            );
            return Err(Stop::Because(because));
        }
        Ok(())
    }

    fn note_hook(&mut self, hook: &Hook, outcome: String, position: Option<String>) {
        self.hooks.push(HookRecord {
            container: hook.container.clone(),
            engine: engine::name(hook).to_owned(),
            outcome,
            position,
        });
    }

    fn run_hook(&mut self, hook: &Hook, seen: &Seen) -> Result<Result<Begun, String>, Stop> {
        if engine::holds_writers(hook) {
            self.held_up()?;
        }
        if let Some(what) = engine::release(hook) {
            // Also where it fails: it may have done half of it.
            let release = self.release_of(hook, what, &seen.id);
            self.releases.push((self.hooks.len(), release));
        }
        let user = self.user(&hook.container);
        let place = Place {
            podman: Podman::of(self.system, user.as_ref())?,
            id: seen.id.clone(),
            limit: match self.since {
                Some(_) => hook.limit.min(self.rest()),
                None => hook.limit,
            },
            budget: self.rest(),
            acting: frozen::acting(self.work_directory),
        };
        Ok(engine::begin(hook, &place))
    }

    fn pause(&mut self) -> Result<(), Stop> {
        let all = self.frozen.containers.clone();
        let mut rest = &all[..];
        while let Some(first) = rest.first() {
            let same =
                |one: &&Held| one.user == first.user && one.unit.is_none() && first.unit.is_none();
            let count = rest.iter().take_while(same).count().max(1);
            let (batch, after) = rest.split_at(count);
            self.paused += count;
            if let Err(fault) = self.pause_batch(first, batch) {
                let names: Vec<&str> = batch.iter().map(|one| one.container.as_str()).collect();
                return Err(Stop::Because(format!(
                    "{} cannot be paused: {fault}",
                    names.join(", ")
                )));
            }
            rest = after;
        }
        if self.is_over() {
            return Err(Stop::Because(
                "to pause the containers took longer than they may be held up".into(),
            ));
        }
        Ok(())
    }

    fn pause_batch(&self, first: &Held, batch: &[Held]) -> Result<(), Fault> {
        if let Some(unit) = &first.unit {
            return control_unit(self.system, "freeze", unit, first.user.as_ref());
        }
        let podman = Podman::of(self.system, first.user.as_ref())?;
        let ids = batch.iter().map(|one| one.id.as_str());
        let words: Vec<&str> = std::iter::once("pause").chain(ids).collect();
        // It is not killed when the time is over, or Podman would not know what it has paused: the watchdog lets go what stands still.
        let limit = self.rest() + PATIENCE;
        podman
            .run_locked(&frozen::acting(self.work_directory), &words, limit)
            .map(drop)
    }

    /// Lets all of it go on, the last first; then nobody watches any more, unless something does not go on.
    pub(super) fn let_go(&mut self) -> LetGo {
        let mut end = LetGo::default();
        let mut went_before = false;
        let paused = self
            .frozen
            .containers
            .get(..self.paused)
            .unwrap_or_default();
        for (container, went) in frozen::go_on(self.system, paused) {
            match went {
                Went::On => {}
                Went::Before => went_before = true,
                Went::Not(why) => end
                    .failed
                    .push(format!("{container} does not go on: {why}")),
            }
        }
        end.was_broken = went_before && !self.was_thawed_in_time();
        self.end_hooks();
        if let Some(since) = self.since {
            end.lasted = self.system.uptime().saturating_sub(since);
        }
        if end.failed.is_empty() {
            self.stand_down(&mut end);
        }
        // Where something failed the watchdog hears that we are gone, and tries again.
        self.watchdog = None;
        end
    }

    /// Whether it was the watchdog or the timer that let containers go on, which they do only when the budget is over, and which
    /// they end by removing the file: what was taken before that was taken while all stood still.
    fn was_thawed_in_time(&self) -> bool {
        let file = Frozen::path(self.work_directory, &self.frozen.id);
        for _ in 0..60 {
            if !self.is_over() {
                return false;
            }
            match self.system.read(&file) {
                Ok(None) => return true,
                Ok(Some(_)) => self.system.pause(Duration::from_millis(50)),
                Err(_) => return false,
            }
        }
        false
    }

    /// Sessions and releases, by the order in which the hooks were begun, backwards.
    fn end_hooks(&mut self) {
        for number in (0..self.hooks.len()).rev() {
            let mut ended = Ok(());
            while let Some((_, held)) = self.sessions.pop_if(|(of, _)| *of == number) {
                ended = ended.and(held.end(PATIENCE));
            }
            while let Some((_, one)) = self.releases.pop_if(|(of, _)| *of == number) {
                let done = frozen::release(self.system, &one);
                ended = ended.and(done.map_err(|why| format!("it could not be ended: {why}")));
            }
            if let (Err(why), Some(record)) = (ended, self.hooks.get_mut(number)) {
                record.outcome = format!("failed: {}", one_line(&why));
                self.quiesced = false;
            }
        }
        // A hook that failed so that nothing more was begun has its release all the same.
        for (_, one) in self.releases.drain(..).rev() {
            if let Err(why) = frozen::release(self.system, &one) {
                self.notes.push(format!(
                    "the hook of {} could not be ended: {why}",
                    one.container
                ));
            }
        }
    }

    fn stand_down(&mut self, end: &mut LetGo) {
        let file = Frozen::path(self.work_directory, &self.frozen.id);
        if let Err(fault) = self.system.remove_file(&file) {
            // The next run lets go on what goes on already, which is nothing.
            self.notes.push(fault.to_string());
        }
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.done();
        }
        if let Some(timer) = self.timer.take() {
            timer.stop(self.system);
        }
        end.failed.clear();
    }
}

fn not_running(outcome: &str) -> Begun {
    Begun {
        outcome: outcome.to_owned(),
        position: None,
        quiesced: false,
        held: None,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The running containers of a group in order, each with how it is held still.
fn to_pause(
    system: &dyn System,
    group: &Group,
    seen: &BTreeMap<ContainerName, Seen>,
) -> Result<Vec<Held>, Fault> {
    let running = group.paused.iter().filter_map(|name| {
        let seen = seen.get(name).filter(|seen| seen.state == State::Running)?;
        Some(Held {
            container: name.clone(),
            id: seen.id.clone(),
            user: group
                .containers
                .get(name)
                .and_then(|container| container.user.clone()),
            unit: None,
        })
    });
    let mut held: Vec<Held> = running.collect();
    let mut stills = BTreeMap::new();
    for batch in held.chunk_by(|one, other| one.user == other.user) {
        let Some(first) = batch.first() else {
            continue;
        };
        let ids: Vec<&str> = batch.iter().map(|one| one.id.as_str()).collect();
        stills.extend(Podman::of(system, first.user.as_ref())?.stills(&ids)?);
    }
    for one in &mut held {
        let unit = seen.get(&one.container).and_then(|seen| seen.unit.clone());
        match (stills.remove(&one.id), unit) {
            (None | Some(Still::Podman), _) => {}
            (Some(Still::Unit { name, of_user }), Some(unit)) if name == unit => {
                one.unit = Some(unit);
                // That of a system's unit is the system's manager, also where it runs a user's container.
                one.user = one.user.take().filter(|_| of_user);
            }
            (Some(Still::Unknown), Some(unit)) => one.unit = Some(unit),
            (Some(still), _) => return Err(cannot_stand_still(one, &still)),
        }
    }
    Ok(held)
}

fn cannot_stand_still(one: &Held, still: &Still) -> Fault {
    let place = match still {
        Still::Unit { name, .. } => format!(": its processes are among those of {name}"),
        Still::Nothing { place } => format!(": its processes are in {place}"),
        Still::Podman | Still::Unknown => String::new(),
    };
    let help = match &one.user {
        Some(user) => format!(
            "have its user's service manager make one (`loginctl enable-linger {user}`), or run it by a unit, and start it anew"
        ),
        None => "run it without `--cgroups=disabled`, or by a unit".into(),
    };
    Fault::Unexpected(format!(
        "the container {} has no cgroup and no unit of its own, so nothing can hold it still{place}; {help}",
        one.container
    ))
}
