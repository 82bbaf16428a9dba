//! The units that run the containers of volumes: which are running, stopped for a move or a restore, started again.
//!
//! A container's unit is found by its name: `podman-NAME.service`, as NixOS' oci-containers call it, and `NAME.service` where
//! Podman's generator wrote it from a quadlet; another `NAME.service` is somebody else's. Units that end with one of these
//! because they require it are stopped and started with it.

mod show;

use std::collections::BTreeSet;
use std::time::Duration;

use podman_btrfs_core::plan::{Instance, Plan, PlannedContainer};
use podman_btrfs_core::units::UserName;
use serde::{Deserialize, Serialize};

use self::show::{Shown, control, show};
use crate::system::{Fault, System};

/// How long is waited for units to come up, and how long they are watched when they have: our choice.
const PATIENCE: u64 = 60;
/// How many seconds one has to come up by itself whose start failed: longer than systemd and most declarations wait before they start it
/// again, and not so long that a wrong image keeps a workload down.
const AGAIN: u64 = 10;
const SETTLED: Duration = Duration::from_secs(2);

/// A unit that was running.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// Whose service manager runs it; absent: the system's.
    pub user: Option<String>,
    /// False: it was about to come up, as one is that fails again and again.
    pub was_active: bool,
}

impl Unit {
    /// In words.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.user {
            Some(user) => format!("{} of {user}", self.name),
            None => self.name.clone(),
        }
    }
}

/// The units that may run a volume's containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Candidates {
    system: BTreeSet<String>,
    /// The owner of the workload's containers, and their units in his service manager.
    users: BTreeSet<(String, String)>,
}

/// Those of all containers that mount what appears at one of these paths of the host, and others by name.
pub(crate) fn candidates(plan: &Plan, host_paths: &[&str], asked_for: &[String]) -> Candidates {
    let is_it = |path: &str| host_paths.contains(&path);
    let uses = |instance: &Instance, container: &PlannedContainer| {
        let own = container.mounts.keys();
        let mut own = own.filter_map(|volume| instance.volumes.get(volume));
        let mut used = container.uses.values();
        own.any(|volume| is_it(volume.host_path.as_str()))
            || used.any(|used| is_it(used.host_path.as_str()))
    };
    let mut found = Candidates::default();
    for workload in plan.workloads.values() {
        for instance in &workload.instances {
            for (name, container) in &instance.containers {
                if uses(instance, container) {
                    found.add(name.as_str(), workload.user.as_ref());
                }
            }
        }
    }
    found.system.extend(asked_for.iter().cloned());
    found
}

/// Those of all containers of these copies, of all others that mount what theirs is, and others by name.
pub(crate) fn candidates_of(plan: &Plan, copies: &[&Instance], asked_for: &[String]) -> Candidates {
    let volumes = copies.iter().flat_map(|copy| copy.volumes.values());
    let paths: Vec<&str> = volumes.map(|volume| volume.host_path.as_str()).collect();
    let mut found = candidates(plan, &paths, asked_for);
    for workload in plan.workloads.values() {
        let all = workload.instances.iter();
        for instance in all.filter(|one| copies.iter().any(|copy| copy.name == one.name)) {
            for name in instance.containers.keys() {
                found.add(name.as_str(), workload.user.as_ref());
            }
        }
    }
    found
}

/// Those of all containers and pods of root, and others by name.
pub(crate) fn candidates_of_root(plan: &Plan, asked_for: &[String]) -> Candidates {
    let mut found = Candidates::default();
    let ours = plan.workloads.values().filter(|one| one.user.is_none());
    for instance in ours.flat_map(|workload| &workload.instances) {
        for name in instance.containers.keys() {
            found.add(name.as_str(), None);
        }
        if let Some(pod) = &instance.pod {
            found.system.insert(format!("{}-pod.service", pod.name));
        }
    }
    found.system.extend(asked_for.iter().cloned());
    found
}

impl Candidates {
    /// The units that a container of this name may have.
    fn add(&mut self, name: &str, user: Option<&UserName>) {
        self.system.insert(format!("podman-{name}.service"));
        self.system.insert(format!("{name}.service"));
        if let Some(user) = user {
            let unit = format!("{name}.service");
            self.users.insert((user.to_string(), unit));
        }
    }
}

/// Those of a copy of a workload that systemd would start by itself at a boot, and that do not run.
pub(crate) fn down(
    system: &dyn System,
    instance: &Instance,
    owner: Option<&UserName>,
) -> Result<Vec<Unit>, Fault> {
    let mut candidates = Candidates::default();
    for name in instance.containers.keys() {
        candidates.add(name.as_str(), owner);
    }
    let mut found = down_of(system, None, &candidates.system)?;
    if let Some(user) = owner
        && has_manager(system, user.as_str())?
    {
        let names = candidates.users.into_iter().map(|(_, name)| name).collect();
        found.extend(down_of(system, Some(user.as_str()), &names)?);
    }
    found.sort();
    Ok(found)
}

fn down_of(
    system: &dyn System,
    user: Option<&str>,
    names: &BTreeSet<String>,
) -> Result<Vec<Unit>, Fault> {
    let names: Vec<String> = names.iter().cloned().collect();
    let mut units = Vec::new();
    for unit in show(system, user, &names)? {
        let is_ours = unit.id.starts_with("podman-") || unit.is_quadlet;
        if is_ours && unit.is_loaded && unit.is_wanted && !unit.is_running() {
            units.push(Unit {
                name: unit.id,
                user: user.map(str::to_owned),
                was_active: true,
            });
        }
    }
    Ok(units)
}

/// Those that are running now, and those that would end with them.
pub(crate) fn running(
    system: &dyn System,
    candidates: &Candidates,
    asked_for: &[String],
) -> Result<Vec<Unit>, Fault> {
    let mut found = running_of(system, None, &candidates.system, asked_for)?;
    let users: BTreeSet<&String> = candidates.users.iter().map(|(user, _)| user).collect();
    for user in users {
        let names = candidates.users.iter().filter(|(of, _)| of == user);
        let names: BTreeSet<String> = names.map(|(_, name)| name.clone()).collect();
        if has_manager(system, user)? {
            found.extend(running_of(system, Some(user), &names, asked_for)?);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Whether the service manager of a user runs.
fn has_manager(system: &dyn System, user: &str) -> Result<bool, Fault> {
    let Some((uid, _)) = system.account(user)? else {
        return Ok(false);
    };
    let shown = show(system, None, &[format!("user@{uid}.service")])?;
    Ok(shown.iter().any(Shown::is_running))
}

fn running_of(
    system: &dyn System,
    user: Option<&str>,
    names: &BTreeSet<String>,
    asked_for: &[String],
) -> Result<Vec<Unit>, Fault> {
    let mut open: Vec<String> = names.iter().cloned().collect();
    let mut seen: BTreeSet<String> = names.clone();
    let mut units = Vec::new();
    let mut is_first = true;
    while !open.is_empty() {
        let mut dependents = Vec::new();
        for (asked, unit) in open.iter().zip(show(system, user, &open)?) {
            let is_ours = !is_first
                || asked_for.contains(asked)
                || asked.starts_with("podman-")
                || unit.is_quadlet;
            if !unit.is_running() || !is_ours {
                continue;
            }
            dependents.extend(unit.dependents.iter().cloned());
            units.push(Unit {
                was_active: unit.state != "activating",
                name: unit.id,
                user: user.map(str::to_owned),
            });
        }
        dependents.retain(|name| seen.insert(name.clone()));
        open = dependents;
        is_first = false;
    }
    Ok(units)
}

/// The names of units, for each service manager.
fn by_manager(units: &[Unit]) -> Vec<(Option<&str>, Vec<String>)> {
    let managers: BTreeSet<Option<&str>> = units.iter().map(|unit| unit.user.as_deref()).collect();
    let names = |manager: Option<&str>| {
        let its = units
            .iter()
            .filter(|unit| unit.user.as_deref() == manager)
            .map(|unit| unit.name.clone());
        its.collect()
    };
    managers
        .into_iter()
        .map(|manager| (manager, names(manager)))
        .collect()
}

/// Stops them, and sees that none of them runs.
pub(crate) fn stop(system: &dyn System, units: &[Unit]) -> Result<(), Fault> {
    for (user, names) in by_manager(units) {
        control(system, user, &["stop"], &names)?;
        let runs = show(system, user, &names)?;
        if let Some(unit) = runs.iter().find(|unit| unit.is_running()) {
            return Err(Fault::Unexpected(format!(
                "{} was stopped and runs again: something starts it (a timer, a socket, a watchdog); stop that first",
                unit.id
            )));
        }
    }
    Ok(())
}

/// Starts them and waits until they are up; returns those that do not come up, with what is known of why.
pub(crate) fn start(system: &dyn System, units: &[Unit]) -> Result<Vec<String>, Fault> {
    let mut failed = Vec::new();
    for (user, names) in by_manager(units) {
        // One that came up and ended several times within seconds, as with a wrong image, is not started again by itself: the limit
        // of starts is counted anew after this (systemctl(1)). It fails for units that nobody knows, and so does the start then.
        match control(system, user, &["reset-failed"], &names) {
            Ok(_) | Err(Fault::Program { .. }) => {}
            Err(fault) => return Err(fault),
        }
        match control(system, user, &["start"], &names) {
            Ok(_) => {}
            Err(Fault::Program { stderr, .. }) => failed.push(stderr.trim().to_owned()),
            Err(fault) => return Err(fault),
        }
    }
    // One whose start failed may be started again by itself (`Restart=`). A rootless container's does so now and then without a
    // reason: systemd ignores what Podman says to it when the process that said it has ended meanwhile.
    let patience = if failed.is_empty() { PATIENCE } else { AGAIN };
    let down = wait(system, units, patience)?;
    let is_up = down.is_empty() && units.iter().any(|unit| unit.was_active);
    Ok(if failed.is_empty() || is_up {
        down
    } else {
        failed
    })
}

/// Waits until they are up, and looks again a little later.
fn wait(system: &dyn System, units: &[Unit], patience: u64) -> Result<Vec<String>, Fault> {
    let must: Vec<Unit> = units
        .iter()
        .filter(|unit| unit.was_active)
        .cloned()
        .collect();
    if must.is_empty() {
        return Ok(Vec::new());
    }
    for _ in 0..patience {
        if not_up(system, &must)?
            .iter()
            .all(|(_, state)| state != "activating")
        {
            break;
        }
        system.pause(Duration::from_secs(1));
    }
    system.pause(SETTLED);
    let down = not_up(system, &must)?;
    let told = down
        .into_iter()
        .map(|(name, state)| format!("{name} is {state}"));
    Ok(told.collect())
}

/// Those that are not active, each with its state.
pub(crate) fn not_up(system: &dyn System, units: &[Unit]) -> Result<Vec<(String, String)>, Fault> {
    let mut down = Vec::new();
    for (user, names) in by_manager(units) {
        for unit in show(system, user, &names)? {
            if !matches!(&*unit.state, "active" | "reloading" | "refreshing") {
                down.push((unit.id, unit.state));
            }
        }
    }
    Ok(down)
}
