//! Dumps before a group snapshot: of databases whose data is in none. They take long and hold nobody up, so each is made before any
//! lock of the snapshot is taken, and takes the place of the one before only when it is whole.

use std::path::Path;
use std::time::Duration;

use podman_btrfs_core::plan::GroupDump;
use podman_btrfs_core::spec::OnError;

use super::engine::dump::{Tool, goes_on, is_whole, tools};
use super::podman::{Podman, State};
use super::record::DumpRecord;
use super::take::{Request, WAIT};
use super::target::{Group, HOOK_LIMIT};
use crate::lock::Lock;
use crate::system::{Fault, Identity, System};

/// The dumps of a group, made or not.
#[derive(Debug, Default)]
pub(super) struct Dumps {
    /// What each came to, in order.
    pub(super) records: Vec<DumpRecord>,
    /// Why no snapshot is taken.
    pub(super) stop: Option<String>,
    /// In which directory each lies, where it was made.
    places: Vec<Option<Identity>>,
}

/// The file that a dump is kept in.
#[must_use]
pub fn file_name(dump: &GroupDump) -> String {
    format!("podman-btrfs-dump-{}.sql", dump.container)
}

/// What it is called until it is whole: one name, so that the next run removes what one that was ended left.
fn partial_name(dump: &GroupDump) -> String {
    format!(".podman-btrfs-dump-{}.partial", dump.container)
}

/// Makes all dumps of a group.
///
/// # Errors
/// When somebody else makes them and does not come to an end.
pub(super) fn make(group: &Group, request: &Request, system: &dyn System) -> Result<Dumps, Fault> {
    let mut dumps = Dumps::default();
    if group.dumps.is_empty() {
        return Ok(dumps);
    }
    let lock = request
        .work_directory
        .join(format!("dump-{}.lock", group.copy));
    let _alone = Lock::take_within(&lock, WAIT)?;
    for dump in &group.dumps {
        let made = make_one(dump, system);
        let (outcome, bytes, place) = match made {
            Ok(Made::Written(bytes, place)) => ("done".to_owned(), Some(bytes), Some(place)),
            Ok(Made::NotRunning(why)) => (format!("none: {why}"), None, None),
            Err(why) => {
                let why = format!("failed: {}", one_line(&why));
                if dump.on_error == OnError::Fail && dumps.stop.is_none() {
                    dumps.stop = Some(format!("the dump of {} {why}", dump.container));
                }
                (why, None, None)
            }
        };
        dumps.records.push(DumpRecord {
            container: dump.container.clone(),
            engine: dump.engine.name().to_owned(),
            outcome,
            bytes,
        });
        dumps.places.push(place);
        if dumps.stop.is_some() {
            break;
        }
    }
    Ok(dumps)
}

impl Dumps {
    /// Looks, when nobody moves volumes any more, whether each dump lies where the snapshot is taken: a volume may have been replaced
    /// meanwhile.
    pub(super) fn settle(&mut self, group: &Group, system: &dyn System) -> Result<(), Fault> {
        let all = group.dumps.iter().zip(&self.places).zip(&mut self.records);
        for ((dump, place), record) in all {
            let Some(place) = place else {
                continue;
            };
            let now = system.identity(Path::new(dump.directory.as_str()))?;
            if now.as_ref() != Some(place) {
                let why = "the volume that keeps it was replaced meanwhile";
                record.outcome = format!("failed: {why}");
                record.bytes = None;
                if dump.on_error == OnError::Fail {
                    self.stop = Some(format!("the dump of {} failed: {why}", dump.container));
                }
            }
        }
        Ok(())
    }
}

enum Made {
    Written(u64, Identity),
    NotRunning(&'static str),
}

fn make_one(dump: &GroupDump, system: &dyn System) -> Result<Made, String> {
    let told = |fault: Fault| fault.to_string();
    let directory = Path::new(dump.directory.as_str());
    let place = system.identity(directory).map_err(told)?;
    let place = place.ok_or_else(|| format!("{} is not there", directory.display()))?;
    // Also where nothing is dumped now, or it would lie in the snapshot.
    let partial = partial_name(dump);
    system.remove_below(directory, &partial).map_err(told)?;
    let podman = Podman::of(system, dump.user.as_ref()).map_err(told)?;
    let seen = podman.containers(&[&dump.container]).map_err(told)?;
    let id = match seen.get(&dump.container) {
        Some(seen) if seen.state == State::Running => seen.id.as_str(),
        Some(seen) if seen.state == State::Paused => {
            return Ok(Made::NotRunning("somebody paused the container before"));
        }
        _ => return Ok(Made::NotRunning("the container does not run")),
    };
    let limit = Duration::from_secs(dump.timeout_seconds);
    let bytes = write(dump, &podman, id, limit)
        .and_then(|bytes| {
            let name = file_name(dump);
            let replaced = system.replace_below(directory, &partial, &name);
            replaced.map(|()| bytes).map_err(told)
        })
        // What is left of it would lie in the snapshot; where it cannot be removed, the next run does it.
        .inspect_err(|_| drop(system.remove_below(directory, &partial)))?;
    Ok(Made::Written(bytes, place))
}

/// Writes a whole dump under the name of one that is not.
fn write(dump: &GroupDump, podman: &Podman<'_>, id: &str, limit: Duration) -> Result<u64, String> {
    let system = podman.system();
    let until = system.uptime() + limit;
    let partial = partial_name(dump);
    let directory = Path::new(dump.directory.as_str());
    let mut why = "nothing makes it".to_owned();
    for tool in tools(dump.engine, podman, id, limit.min(HOOK_LIMIT))? {
        let Tool {
            options,
            command,
            environment,
        } = &tool;
        let rest = until.saturating_sub(system.uptime());
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let place = (directory, partial.as_str());
        match podman.print(id, (options, environment), &command, rest, place) {
            Ok(written) if is_whole(dump.engine, &written.end) => return Ok(written.bytes),
            Ok(_) => return Err("it ended well, and what it wrote is not whole".into()),
            Err(fault) => {
                why = fault.to_string();
                if !goes_on(&fault) {
                    break;
                }
                let removed = system.remove_below(directory, &partial);
                removed.map_err(|fault| fault.to_string())?;
            }
        }
    }
    Err(why)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
