//! The file that names what is held still, written before anything is: whatever ends us, whoever finds it lets all of it go on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use podman_btrfs_core::units::{ContainerName, UnitName, UserName};
use serde::{Deserialize, Serialize};

use super::engine::mongodb;
use super::podman::{PATIENCE, Podman, is_id};
use crate::lock::Lock;
use crate::system::{Fault, System, create_directories};

/// The version of the file's format.
pub const FROZEN_VERSION: u32 = 1;

/// In the work directory: who takes a group snapshot holds it, so there is one at a time.
pub const TAKING: &str = "snapshot.lock";
/// In the work directory: of those who let something go on, one at a time.
const THAWING: &str = "thaw.lock";
/// In the work directory: a program of ours that is holding something still has it until it has ended, also when we have.
const ACTING: &str = "acting.lock";
/// How long such a program is waited for before what stands still already goes on.
const ACT: Duration = Duration::from_secs(1);
/// In the work directory: the files.
const DIRECTORY: &str = "frozen";

/// What is held still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Frozen {
    #[serde(rename = "frozenVersion")]
    version: u32,
    /// The identity of the group snapshot that it is for.
    pub id: String,
    /// The copy of a workload.
    pub copy: String,
    /// Until when it may last, in milliseconds of the machine's uptime; who has not let it go on by then does not any more.
    pub until: u64,
    /// Containers that run and are about to be paused, in that order.
    pub containers: Vec<Held>,
    /// What ends hooks that do not end by themselves, in the order in which those are begun.
    pub releases: Vec<Release>,
}

/// A container that is paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Held {
    /// Its name, for people.
    pub container: ContainerName,
    /// Its identity.
    pub id: String,
    /// Its rootless owner.
    pub user: Option<UserName>,
    /// The unit that is frozen in its place, where it has no cgroup of its own.
    pub unit: Option<UnitName>,
}

/// What ends a hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Release {
    /// In which container.
    pub container: ContainerName,
    /// Its identity.
    pub id: String,
    /// Its rootless owner.
    pub user: Option<UserName>,
    /// How.
    pub what: What,
    /// How many seconds it may take.
    pub seconds: u64,
}

/// How a hook is ended that does not end with its session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// By `fsyncUnlock`.
    Mongodb,
    /// By a declared command.
    Command(Vec<String>),
}

/// How it is with a container that was to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Went {
    /// It stood still, and goes on.
    On,
    /// It did not stand still any more, or is gone.
    Before,
    /// It could not be made to.
    Not(String),
}

impl Frozen {
    /// Of a group snapshot.
    #[must_use]
    pub fn new(id: &str, copy: &str, until: Duration) -> Self {
        Self {
            version: FROZEN_VERSION,
            id: id.to_owned(),
            copy: copy.to_owned(),
            until: milliseconds(until),
            containers: Vec::new(),
            releases: Vec::new(),
        }
    }

    /// Where the file of an identity is.
    #[must_use]
    pub fn path(work_directory: &Path, id: &str) -> PathBuf {
        work_directory.join(DIRECTORY).join(format!("{id}.json"))
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, system: &dyn System, work_directory: &Path) -> Result<(), Fault> {
        create_directories(system, &work_directory.join(DIRECTORY))?;
        let text = serde_json::to_string_pretty(self).map_err(|error| {
            Fault::Unexpected(format!("what is frozen has no JSON form: {error}"))
        })?;
        system.write(&Self::path(work_directory, &self.id), &(text + "\n"))
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Why it is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            frozen_version: u32,
        }
        let Version { frozen_version } =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        if frozen_version != FROZEN_VERSION {
            return Err(format!(
                "it is of format {frozen_version}, and this is {FROZEN_VERSION}"
            ));
        }
        let frozen: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let held = frozen.containers.iter().map(|held| &held.id);
        let mut ids = held.chain(frozen.releases.iter().map(|release| &release.id));
        match ids.find(|id| !is_id(id)) {
            Some(id) => Err(format!(
                "`{}` is no container's identity",
                id.escape_debug()
            )),
            None => Ok(frozen),
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Lets containers go on, the last that was paused first; how it is with each, in that order.
pub fn go_on(system: &dyn System, held: &[Held]) -> Vec<(ContainerName, Went)> {
    let mut gone = Vec::new();
    let mut rest = held;
    while let Some(last) = rest.last() {
        let same = |one: &Held| one.user == last.user && one.unit.is_none() && last.unit.is_none();
        let count = rest.iter().rev().take_while(|one| same(one)).count().max(1);
        let (before, batch) = rest.split_at(rest.len() - count);
        let reversed: Vec<&Held> = batch.iter().rev().collect();
        // All at once is quicker; where that fails each is asked for itself.
        match unpause(system, &reversed) {
            Went::On => gone.extend(reversed.iter().map(|one| (one.container.clone(), Went::On))),
            Went::Before | Went::Not(_) => {
                let each = reversed
                    .iter()
                    .map(|one| (one.container.clone(), unpause(system, &[one])));
                gone.extend(each);
            }
        }
        rest = before;
    }
    gone
}

fn unpause(system: &dyn System, held: &[&Held]) -> Went {
    let Some(first) = held.first() else {
        return Went::On;
    };
    let done = match &first.unit {
        Some(unit) => control_unit(system, "thaw", unit, first.user.as_ref()),
        None => Podman::of(system, first.user.as_ref()).and_then(|podman| {
            let ids = held.iter().map(|one| one.id.as_str());
            let words: Vec<&str> = std::iter::once("unpause").chain(ids).collect();
            podman.run(&words, &[], PATIENCE).map(drop)
        }),
    };
    match done {
        Ok(()) => Went::On,
        // What Podman 4.3 to 6 says.
        Err(Fault::Program { stderr, .. })
            if stderr.contains("is not paused") || stderr.contains("no such container") =>
        {
            Went::Before
        }
        Err(fault) => Went::Not(fault.to_string()),
    }
}

/// Freezes or thaws a unit by its service manager.
pub(super) fn control_unit(
    system: &dyn System,
    verb: &str,
    unit: &UnitName,
    user: Option<&UserName>,
) -> Result<(), Fault> {
    let manager = user.map(|user| format!("--machine={user}@.host"));
    let mut words: Vec<&str> = Vec::new();
    if let Some(manager) = &manager {
        words.extend(["--user", manager]);
    }
    words.extend([verb, "--", unit.as_str()]);
    system
        .run_within("systemctl", &words, &[], PATIENCE)
        .map(drop)
}

/// The lock of programs that hold something still.
pub(super) fn acting(work_directory: &Path) -> PathBuf {
    work_directory.join(ACTING)
}

/// Ends a hook that does not end by itself.
///
/// # Errors
/// Why it did not.
pub fn release(system: &dyn System, one: &Release) -> Result<(), String> {
    let podman = Podman::of(system, one.user.as_ref()).map_err(|fault| fault.to_string())?;
    let limit = Duration::from_secs(one.seconds);
    match &one.what {
        What::Mongodb => mongodb::unlock(&podman, &one.id, limit),
        What::Command(words) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let done = podman.exec(&one.id, &words, limit);
            done.map(drop).map_err(|fault| fault.to_string())
        }
    }
}

/// What a thaw came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thawed {
    /// What goes on that stood still, in words.
    pub went_on: Vec<String>,
    /// What could not be made to, in words; its files stay.
    pub failed: Vec<String>,
}

/// Lets all of one file go on, and removes it when all does. Nothing is done where there is no such file.
///
/// # Errors
/// When the file cannot be read or understood, or somebody who lets something go on does not come to an end.
pub fn thaw_one(system: &dyn System, work_directory: &Path, id: &str) -> Result<Thawed, Fault> {
    let _alone = Lock::take_within(&work_directory.join(THAWING), 2 * PATIENCE)?;
    let file = Frozen::path(work_directory, id);
    let mut thawed = Thawed::default();
    let Some(text) = system.read(&file)? else {
        return Ok(thawed);
    };
    let frozen = Frozen::parse(&text).map_err(|why| not_understood(&file, &why))?;
    // What a killed run had begun may still be going on, and would hold still again what goes on now.
    if let Err(fault) = Lock::take_within(&acting(work_directory), ACT) {
        thawed.failed.push(fault.to_string());
    }
    for (container, went) in go_on(system, &frozen.containers) {
        match went {
            Went::On => thawed.went_on.push(container.to_string()),
            Went::Before => {}
            Went::Not(why) => thawed.failed.push(format!("{container}: {why}")),
        }
    }
    for one in frozen.releases.iter().rev() {
        // One that was never begun, or has ended, has nothing to end; only a person can tell.
        if let Err(why) = release(system, one) {
            thawed.went_on.push(format!(
                "the hook of {} could not be ended: {why}",
                one.container
            ));
        }
    }
    if thawed.failed.is_empty() {
        system.remove_file(&file)?;
    }
    Ok(thawed)
}

/// Lets everything go on that files name and nobody is at work with: while a run takes a group snapshot its file is left to it until
/// its time is over. Who holds the lock [`TAKING`] himself says so.
///
/// # Errors
/// When the files cannot be listed or understood; all others are gone through first.
pub fn thaw_all(
    system: &dyn System,
    work_directory: &Path,
    is_alone: bool,
) -> Result<Thawed, Fault> {
    let mut all = Thawed::default();
    let mut fault = None;
    for name in system
        .list(&work_directory.join(DIRECTORY))?
        .unwrap_or_default()
    {
        let Some(id) = name.strip_suffix(".json") else {
            // Half of a file whose writer was killed; nobody writes one now.
            if is_alone && name.starts_with(".tmp") {
                system.remove_file(&work_directory.join(DIRECTORY).join(&name))?;
            }
            continue;
        };
        let ready = if is_alone {
            Ok(())
        } else {
            wait_for_owner(system, work_directory, id)
        };
        match ready.and_then(|()| thaw_one(system, work_directory, id)) {
            Ok(thawed) => {
                all.went_on.extend(thawed.went_on);
                all.failed.extend(thawed.failed);
            }
            Err(error) => fault = Some(error),
        }
    }
    fault.map_or(Ok(all), Err)
}

/// Waits until the run that has the file ended or its time is over.
fn wait_for_owner(system: &dyn System, work_directory: &Path, id: &str) -> Result<(), Fault> {
    let file = Frozen::path(work_directory, id);
    loop {
        let Some(text) = system.read(&file)? else {
            return Ok(());
        };
        let until = Frozen::parse(&text)
            .map_err(|why| not_understood(&file, &why))?
            .until;
        let is_over = milliseconds(system.uptime()) >= until;
        if is_over || Lock::take_if_free(&work_directory.join(TAKING))?.is_some() {
            return Ok(());
        }
        system.pause(Duration::from_millis(100));
    }
}

fn not_understood(file: &Path, why: &str) -> Fault {
    Fault::Unexpected(format!(
        "{} is not understood ({why}), so what it names may stand still: `podman ps --filter status=paused` lists it, `podman unpause` lets \
         it go on; then remove the file",
        file.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_half_of_it_is_not() {
        let mut frozen = Frozen::new("00", "shop", Duration::from_secs(3));
        let id = "a".repeat(64);
        let text = format!(
            r#"{{"frozenVersion":1,"id":"00","copy":"shop","until":3000,"containers":[{{"container":"db","id":"{id}","user":"alice","unit":null}}],
            "releases":[{{"container":"db","id":"{id}","user":null,"what":{{"command":["thaw"]}},"seconds":30}}]}}"#
        );
        let read = Frozen::parse(&text).unwrap();
        frozen.containers.clone_from(&read.containers);
        frozen.releases.clone_from(&read.releases);
        assert_eq!(read, frozen);
        for length in 0..text.len() {
            assert!(Frozen::parse(&text[..length]).is_err(), "{length}");
        }
        assert!(Frozen::parse(&text.replace(&id, "--all")).is_err());
        assert!(Frozen::parse(&text.replace("Version\":1", "Version\":2")).is_err());
    }
}
