//! The hooks: what each engine is asked for, so that what is on the disk is what it acknowledged, and where its log is then.
//!
//! Each runs in the container, from an argument list; what is said to an engine goes through a pipe. Passwords are taken from the
//! container's own environment, and go by the environment: none stands on a command line.

pub(super) mod dump;
mod environment;
mod mariadb;
pub mod mongodb;
mod postgresql;
mod redis;
mod sqlite;
mod talk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use podman_btrfs_core::spec::DatabaseEngine;

use self::environment::Environment;
use self::talk::Talk;
use super::frozen::What;
use super::podman::Podman;
use super::target::{Data, Hook, HookKind};

/// The variables of a running container's processes, with what the files hold that some of them name.
///
/// # Errors
/// When they cannot be read.
pub(crate) fn variables(
    podman: &Podman<'_>,
    id: &str,
    limit: Duration,
) -> Result<BTreeMap<String, String>, String> {
    Environment::read(podman, id, limit).map(Environment::into_all)
}

/// A container that a hook runs in.
#[derive(Clone)]
pub(super) struct Place<'s> {
    pub(super) podman: Podman<'s>,
    pub(super) id: String,
    /// How long the hook may take.
    pub(super) limit: Duration,
    /// For how long it may hold writers up.
    pub(super) budget: Duration,
    /// The lock of programs that hold something still.
    pub(super) acting: PathBuf,
}

/// A hook that did what it does.
#[derive(Debug)]
pub(super) struct Begun {
    /// In words.
    pub(super) outcome: String,
    /// Where the engine's log was.
    pub(super) position: Option<String>,
    /// Whether the data on the disk is what the application acknowledged.
    pub(super) quiesced: bool,
    /// What is held until the snapshots are taken.
    pub(super) held: Option<Held>,
}

/// What a hook holds.
#[derive(Debug)]
pub(super) struct Held {
    talk: Talk,
    /// What ends it.
    ending: &'static str,
}

impl Begun {
    fn done(outcome: &str, position: Option<String>) -> Self {
        Self {
            outcome: outcome.to_owned(),
            position,
            quiesced: true,
            held: None,
        }
    }

    fn held(talk: Talk, ending: &'static str, position: Option<String>) -> Self {
        Self {
            outcome: "held".to_owned(),
            position,
            quiesced: true,
            held: Some(Held { talk, ending }),
        }
    }
}

impl Held {
    /// Ends it; why it was not held until now, where it was not.
    pub(super) fn end(mut self, limit: Duration) -> Result<(), String> {
        let answer = self.talk.ask(self.ending, limit);
        self.talk.end();
        answer
            .map(drop)
            .map_err(|why| format!("it was not held until the end: {why}"))
    }
}

/// What the record calls a hook.
pub(super) fn name(hook: &Hook) -> &'static str {
    match &hook.kind {
        HookKind::Engine(engine, _) => engine.name(),
        HookKind::Commands { .. } => "command",
    }
}

/// Whether writers are held up from this hook on; the others come first.
pub(super) fn holds_writers(hook: &Hook) -> bool {
    match &hook.kind {
        HookKind::Engine(engine, _) => match engine {
            DatabaseEngine::Postgresql | DatabaseEngine::Sqlite => false,
            DatabaseEngine::Mysql
            | DatabaseEngine::Mariadb
            | DatabaseEngine::Mongodb
            | DatabaseEngine::Redis => true,
        },
        HookKind::Commands { .. } => true,
    }
}

/// What ends it, where nothing else does when we are gone.
pub(super) fn release(hook: &Hook) -> Option<What> {
    match &hook.kind {
        HookKind::Engine(DatabaseEngine::Mongodb, _) => Some(What::Mongodb),
        HookKind::Commands { thaw, .. } if !thaw.is_empty() => Some(What::Command(thaw.clone())),
        HookKind::Engine(..) | HookKind::Commands { .. } => None,
    }
}

/// Does what a hook does.
///
/// # Errors
/// Why it could not be done.
pub(super) fn begin(hook: &Hook, place: &Place<'_>) -> Result<Begun, String> {
    match &hook.kind {
        HookKind::Engine(engine, data) => engine_hook(*engine, data, place),
        HookKind::Commands { freeze, .. } => {
            let words: Vec<&str> = freeze.iter().map(String::as_str).collect();
            if !words.is_empty() {
                let words = [&["exec", &place.id], &words[..]].concat();
                let done = place.podman.run_locked(&place.acting, &words, place.limit);
                done.map_err(|fault| fault.to_string())?;
            }
            Ok(Begun::done("done", None))
        }
    }
}

fn engine_hook(engine: DatabaseEngine, data: &[Data], place: &Place<'_>) -> Result<Begun, String> {
    match engine {
        DatabaseEngine::Postgresql => postgresql::begin(place, &Environment::of(place)?),
        DatabaseEngine::Mariadb => mariadb::begin(place, &Environment::of(place)?, true),
        DatabaseEngine::Mysql => mariadb::begin(place, &Environment::of(place)?, false),
        DatabaseEngine::Mongodb => mongodb::begin(place),
        DatabaseEngine::Redis => redis::begin(place, &Environment::of(place)?),
        DatabaseEngine::Sqlite => sqlite::begin(place, data),
    }
}
