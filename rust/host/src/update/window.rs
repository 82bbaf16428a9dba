//! Whether what was started on the new image comes up, stays up, and finds itself healthy.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::{ContainerName, UserName};

use super::journal::Change;
use super::short;
use crate::group::podman::{Podman, State};
use crate::restore::health;
use crate::system::{Fault, System};
use crate::units::{self, Unit};

/// Between two looks.
const GLANCE: Duration = Duration::from_secs(2);

/// One container that is to run the new image.
struct Watched<'c> {
    user: Option<&'c UserName>,
    name: &'c ContainerName,
    image: &'c str,
    /// Which container it is, and since when that is so, since the beginning.
    seen: Option<(String, Duration)>,
}

/// Watches for so many seconds; returns what is wrong, in words. What comes up late, or is begun anew by its unit in the first half, is waited for.
pub(super) fn watch(
    system: &dyn System,
    plan: &Plan,
    units: &[Unit],
    changes: &[Change],
    seconds: u64,
) -> Result<Vec<String>, Fault> {
    let mut watched: Vec<Watched> = changes.iter().flat_map(of_change).collect();
    let must: Vec<Unit> = units
        .iter()
        .filter(|unit| unit.was_active)
        .cloned()
        .collect();
    let begun = system.uptime();
    let length = Duration::from_secs(seconds);
    loop {
        let passed = system.uptime().saturating_sub(begun);
        let down = units::not_up(system, &must)?;
        let failed: Vec<String> = down
            .iter()
            .filter(|(_, state)| state == "failed")
            .map(|(unit, _)| format!("{unit} is failed"))
            .collect();
        if !failed.is_empty() {
            return Ok(failed);
        }
        let (grave, open) = look(system, &mut watched, passed)?;
        let (unhealthy, starting) = health(system, plan, units)?;
        let grave: Vec<String> = grave.into_iter().chain(unhealthy).collect();
        if !grave.is_empty() {
            return Ok(grave);
        }
        if passed >= length {
            let down = down
                .into_iter()
                .map(|(unit, state)| format!("{unit} is {state}"));
            let restless = restless(&watched, length);
            let all = down.chain(open).chain(starting).chain(restless);
            return Ok(all.map(|one| format!("{one} after {seconds} s")).collect());
        }
        system.pause(GLANCE.min(length.saturating_sub(passed)));
    }
}

fn of_change(change: &Change) -> impl Iterator<Item = Watched<'_>> {
    let image = change.new.as_deref().unwrap_or_default();
    change.containers.iter().map(move |name| Watched {
        user: change.user.as_ref(),
        name,
        image,
        seen: None,
    })
}

/// What can be said at once, and what is to be waited for.
fn look(
    system: &dyn System,
    watched: &mut [Watched<'_>],
    passed: Duration,
) -> Result<(Vec<String>, Vec<String>), Fault> {
    let mut by_user = BTreeMap::new();
    for one in watched.iter() {
        if let Entry::Vacant(free) = by_user.entry(one.user) {
            free.insert(Podman::of(system, one.user)?.all_containers()?);
        }
    }
    let (mut grave, mut open) = (Vec::new(), Vec::new());
    for one in watched {
        let found = by_user.get(&one.user).and_then(|all| all.get(one.name));
        let Some(found) = found.filter(|found| found.state != State::Resting) else {
            open.push(format!("{} does not run", one.name));
            continue;
        };
        if found.image != one.image {
            grave.push(format!(
                "{} runs the image {} and not {}: its unit starts another reference",
                one.name,
                short(&found.image),
                short(one.image)
            ));
        }
        match &one.seen {
            Some((id, _)) if *id == found.id => {}
            // The first one is the one that was started.
            None => one.seen = Some((found.id.clone(), Duration::ZERO)),
            Some(_) => one.seen = Some((found.id.clone(), passed)),
        }
    }
    Ok((grave, open))
}

/// Those that were begun anew in the second half.
fn restless(watched: &[Watched<'_>], length: Duration) -> Vec<String> {
    let late = watched.iter().filter(|one| {
        let since = one
            .seen
            .as_ref()
            .map_or(Duration::ZERO, |(_, since)| *since);
        since * 2 > length
    });
    late.map(|one| format!("{} was begun anew again and again, and still", one.name))
        .collect()
}

/// By the containers' own checks of their health: those that are not healthy, and those that do not know yet.
fn health(
    system: &dyn System,
    plan: &Plan,
    units: &[Unit],
) -> Result<(Vec<String>, Vec<String>), Fault> {
    let (mut unhealthy, mut starting) = (Vec::new(), Vec::new());
    for container in health::containers(plan, units) {
        let name = container.0;
        match health::status(system, container)?.as_deref() {
            None | Some("" | "healthy") => {}
            Some("starting") => starting.push(format!(
                "{name} is starting, by its own check of its health,"
            )),
            Some(status) => {
                unhealthy.push(format!(
                    "{name} is {status}, by its own check of its health"
                ));
            }
        }
    }
    Ok((unhealthy, starting))
}
