//! What engines are asked when they were started on what was restored: that they answer shows that their own recovery succeeded, and
//! then their own check is run.

mod mariadb;
mod postgresql;
mod redis;
mod sqlite;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use podman_btrfs_core::plan::{Instance, PlannedContainer};
use podman_btrfs_core::spec::{Class, DatabaseEngine};
use podman_btrfs_core::units::{ContainerName, UserName, VolumeName};

use super::container::Making;
use super::content::Restored;
use super::running::{Running, once, shortened};
use super::{Drill, Kind};
use crate::group::podman::{PATIENCE, Podman};
use crate::restore::catalogue::Point;
use crate::system::{Fault, Printed, System};

/// How long an engine's check may take: our choice; it reads all of the data, and hundreds of gigabytes take hours.
const CHECK: Duration = Duration::from_secs(6 * 60 * 60);
/// How deep is looked for what an engine keeps at the root of its data: our choice.
const DEPTH: u32 = 4;

/// A volume that was restored, with the databases of `SQLite` in it.
pub(super) type Read<'p> = (Restored<'p>, Vec<PathBuf>);

/// What all checks of one drill have in common.
pub(super) struct Scene<'s, 'p> {
    pub(super) system: &'s dyn System,
    /// The drill's identity.
    pub(super) id: String,
    /// Whose Podman has the containers; `None`: root's.
    pub(super) user: Option<&'p UserName>,
    pub(super) instance: &'p Instance,
    pub(super) wait: Duration,
}

/// A container that is tried: the engines that it runs, with their volumes.
type Trials<'p> = BTreeMap<&'p ContainerName, BTreeMap<DatabaseEngine, Vec<&'p VolumeName>>>;

/// Why an engine's check has no result, or a bad one.
enum Wrong {
    /// It is wrong.
    Found(String),
    /// It could not be asked.
    NotAsked(String),
}

/// Asks every engine that has data among what was restored.
pub(super) fn check(
    scene: &Scene<'_, '_>,
    read: &[Read<'_>],
    point: &Point,
    drill: &mut Drill,
    told: &mut dyn FnMut(&str),
) -> Result<(), Fault> {
    let trials = trials(scene.instance, read, drill);
    for (name, engines) in &trials {
        if let Some(user) = scene.user {
            drill.found(Kind::NotChecked, None, format!(
                "{name} is a container of the Podman of {user}, which may not enter the throw-away place: its data was read, and the engine not asked"
            ));
            continue;
        }
        let podman = Podman::of(scene.system, None)?;
        let recorded = point.record.as_ref();
        let recorded = recorded.and_then(|record| record.images.get(*name));
        let mut making = match Making::of(&podman, name, recorded) {
            Ok(making) => making,
            Err(why) => {
                drill.found(Kind::NotChecked, None, why);
                continue;
            }
        };
        if let Some(planned) = scene.instance.containers.get(*name) {
            mounts(planned, read, &mut making);
        }
        for (engine, volumes) in engines {
            told(&format!(
                "asking {} in {name} to examine itself",
                engine.name()
            ));
            if *engine == DatabaseEngine::Sqlite {
                sqlite::check(scene, &podman, &making, (name, volumes), read, drill);
            } else {
                server(
                    scene,
                    &podman,
                    &making,
                    (*engine, name, volumes),
                    read,
                    drill,
                )?;
            }
        }
    }
    Ok(())
}

/// For each engine the container that writes its data.
fn trials<'p>(instance: &'p Instance, read: &[Read<'p>], drill: &mut Drill) -> Trials<'p> {
    let mut trials = Trials::new();
    for (volume, databases) in read {
        let engine = match (volume.planned.engine, volume.planned.class) {
            (Some(engine), _) => engine,
            (None, Some(Class::EmbeddedDatabase)) if !databases.is_empty() => {
                DatabaseEngine::Sqlite
            }
            (None, _) => continue,
        };
        let mut writers = instance.containers.iter().filter(|(_, container)| {
            container.mounts.contains_key(volume.name) && !container.read_only.contains(volume.name)
        });
        let Some((container, _)) = writers.next() else {
            drill.found(
                Kind::NotChecked,
                Some(volume.name.as_str()),
                format!(
                    "no container writes it that {} could be asked in",
                    engine.name()
                ),
            );
            continue;
        };
        let of_it = trials.entry(container).or_default();
        of_it.entry(engine).or_default().push(volume.name);
    }
    trials
}

fn mounts(planned: &PlannedContainer, read: &[Read<'_>], making: &mut Making) {
    for (volume, inside) in &planned.mounts {
        let mut restored = read.iter().filter(|(one, _)| one.name == volume);
        if let Some((one, _)) = restored.next() {
            let read_only = planned.read_only.contains(volume);
            making
                .mounts
                .push((one.place.clone(), inside.clone(), read_only));
        }
    }
}

/// Starts an engine, waits until it answers, and has it examine itself.
fn server(
    scene: &Scene<'_, '_>,
    podman: &Podman<'_>,
    making: &Making,
    (engine, name, volumes): (DatabaseEngine, &ContainerName, &[&VolumeName]),
    read: &[Read<'_>],
    drill: &mut Drill,
) -> Result<(), Fault> {
    let volume = volumes.first().map(|volume| volume.as_str());
    let of_it = |one: &&Read<'_>| volumes.contains(&one.0.name);
    // An image makes a new and healthy database where it finds none.
    if let Some(file) = root_file(engine) {
        let mut holds = false;
        for (one, _) in read.iter().filter(of_it) {
            holds |= has(scene.system, &one.place, "", file, DEPTH)?;
        }
        if !holds {
            let message = format!(
                "{} keeps `{file}` at the root of its data, and there is none",
                engine.name()
            );
            drill.found(Kind::Engine, volume, message);
            return Ok(());
        }
    }
    let running = match Running::start(podman.clone(), &scene.id, making, scene.wait) {
        Ok(running) => running,
        Err(why) => {
            drill.found(
                Kind::NotChecked,
                volume,
                format!("a throw-away container like {name} cannot be started: {why}"),
            );
            return Ok(());
        }
    };
    let examined = match engine {
        DatabaseEngine::Postgresql => postgresql::check(&running, making),
        DatabaseEngine::Mariadb => mariadb::check(&running, making, ("mariadb", "mariadb-check")),
        DatabaseEngine::Mysql => mariadb::check(&running, making, ("mysql", "mysqlcheck")),
        DatabaseEngine::Redis => redis::check(&running, making),
        DatabaseEngine::Mongodb | DatabaseEngine::Sqlite => Err(Wrong::NotAsked(
            "there is no check of it here; its files were read".into(),
        )),
    };
    if let Err(why) = running.remove() {
        drill.found(
            Kind::NotDone,
            None,
            format!("the throw-away container could not be removed: {why}"),
        );
    }
    match examined {
        Ok(proof) => drill
            .proofs
            .push(format!("{} in {name}: {proof}", engine.name())),
        Err(Wrong::Found(why)) => {
            drill.found(Kind::Engine, volume, format!("{}: {why}", engine.name()));
        }
        Err(Wrong::NotAsked(why)) => drill.found(
            Kind::NotChecked,
            volume,
            format!("{}: {why}", engine.name()),
        ),
    }
    Ok(())
}

/// What is always at the root of an engine's data.
const fn root_file(engine: DatabaseEngine) -> Option<&'static str> {
    match engine {
        DatabaseEngine::Postgresql => Some("PG_VERSION"),
        DatabaseEngine::Mysql | DatabaseEngine::Mariadb => Some("ibdata1"),
        DatabaseEngine::Mongodb | DatabaseEngine::Sqlite | DatabaseEngine::Redis => None,
    }
}

/// Whether a file of this name is in a tree; no link is followed.
fn has(
    system: &dyn System,
    root: &Path,
    inside: &str,
    file: &str,
    depth: u32,
) -> Result<bool, Fault> {
    let names = system.list_below(root, inside)?.unwrap_or_default();
    if names.iter().any(|name| name == file) {
        return Ok(true);
    }
    for name in names {
        let path = if inside.is_empty() {
            name
        } else {
            format!("{inside}/{name}")
        };
        let kind = system.look(&root.join(&path))?.map(|node| node.kind);
        if depth > 1
            && kind == Some(crate::system::NodeKind::Directory)
            && has(system, root, &path, file, depth - 1)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a program is not there (`podman-exec(1)`, `podman-run(1)`). Whatever else keeps a container from being started may end
/// with the same status, and does not name the program.
fn is_no_program(fault: &Fault, program: &str) -> bool {
    matches!(fault, Fault::Program { status: 126 | 127, stderr, .. } if stderr.contains(program))
}

fn said(fault: &Fault) -> String {
    match fault {
        Fault::Program { stderr, status, .. } if stderr.trim().is_empty() => {
            format!("status {status}")
        }
        Fault::Program { stderr, .. } => shortened(stderr),
        Fault::ProgramMissing { .. }
        | Fault::File { .. }
        | Fault::Absent { .. }
        | Fault::Unexpected(_) => fault.to_string(),
    }
}

fn password(making: &Making, names: &[&str], variable: &str) -> Vec<(String, String)> {
    let found = making.first(names);
    found
        .map(|password| (variable.to_owned(), password.to_owned()))
        .into_iter()
        .collect()
}

/// Waits for an answer; one that says that we may not ask is one too.
fn answers(
    running: &Running<'_>,
    denials: &[&str],
    ask: &dyn Fn() -> Result<(), String>,
) -> Result<(), Wrong> {
    let denied = Cell::new(None);
    running
        .wait(&|| match ask() {
            Err(why) if denials.iter().any(|denial| why.contains(denial)) => {
                denied.set(Some(why));
                Ok(())
            }
            answer => answer,
        })
        .map_err(Wrong::Found)?;
    match denied.into_inner() {
        None => Ok(()),
        Some(why) => Err(Wrong::NotAsked(format!(
            "it came up, and lets us not in: {why}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::FakeSystem;

    #[test]
    fn a_program_that_is_not_there_is_told_from_a_container_that_does_not_start() {
        let program = |status, stderr: &str| Fault::Program {
            command: "podman run".into(),
            status,
            stderr: stderr.into(),
        };
        for stderr in [
            "Error: crun: executable file `sqlite3` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
            "Error: runc: exec: \"sqlite3\": executable file not found in $PATH",
        ] {
            assert!(is_no_program(&program(127, stderr), "sqlite3"), "{stderr}");
            assert!(!is_no_program(&program(1, stderr), "sqlite3"), "{stderr}");
        }
        let other =
            "Error: crun: mount `proc` to `proc`: Operation not permitted: OCI permission denied";
        assert!(!is_no_program(&program(126, other), "sqlite3"));
    }

    #[test]
    fn an_engines_data_is_known_by_a_file_wherever_it_lies_in_the_volume() {
        let system = FakeSystem::with_directories(&["/", "/v", "/v/15", "/v/15/main"]);
        let root = Path::new("/v");
        assert!(!has(&system, root, "", "PG_VERSION", DEPTH).unwrap());
        system.put_file("/v/15/main/PG_VERSION");
        assert!(has(&system, root, "", "PG_VERSION", DEPTH).unwrap());
        assert!(!has(&system, root, "", "PG_VERSION", 2).unwrap());
    }
}
