//! MongoDB: `fsyncLock`, which writes everything out and holds writers up until `fsyncUnlock`. The lock is the server's and outlives
//! the session, so what ends it stands in the file of what is frozen.

use std::path::PathBuf;
use std::time::Duration;

use super::environment::Environment;
use super::talk::Talk;
use super::{Begun, Place};
use crate::group::podman::Podman;

const ECHO: (&str, &str) = ("print('", "')");

pub(super) fn begin(place: &Place<'_>) -> Result<Begun, String> {
    let mut talk = open(place)?;
    talk.ask("const answer = db.fsyncLock(); if (answer.ok !== 1) { throw new Error(JSON.stringify(answer)) }", place.limit)?;
    let locked = talk.ask("print(db.currentOp().fsyncLock === true)", place.limit)?;
    talk.end();
    if !locked.iter().any(|line| line.trim() == "true") {
        return Err("it does not say that it is locked".into());
    }
    Ok(Begun::done("held", None))
}

/// Ends the lock, where there is one.
///
/// # Errors
/// Why it could not.
pub fn unlock(podman: &Podman<'_>, id: &str, limit: Duration) -> Result<(), String> {
    let place = Place {
        podman: podman.clone(),
        id: id.to_owned(),
        limit,
        budget: limit,
        acting: PathBuf::new(),
    };
    let mut talk = open(&place)?;
    // Each lock of several counts, and one that is not there is not ours to end.
    talk.ask(
        "if (db.currentOp().fsyncLock === true) { db.fsyncUnlock() }",
        limit,
    )?;
    let locked = talk.ask("print(db.currentOp().fsyncLock === true)", limit)?;
    talk.end();
    if locked.iter().any(|line| line.trim() == "true") {
        return Err("it is still locked".into());
    }
    Ok(())
}

fn open(place: &Place<'_>) -> Result<Talk, String> {
    let environment = Environment::of(place)?;
    let mut talk = Talk::start(
        place,
        &[],
        &[],
        &["mongosh", "--quiet", "--norc", "admin"],
        ECHO,
    )?;
    let user = environment.first(&["MONGO_INITDB_ROOT_USERNAME"]);
    let password = environment.first(&["MONGO_INITDB_ROOT_PASSWORD"]);
    if let (Some(user), Some(password)) = (user, password) {
        // JSON's strings are JavaScript's.
        let quoted = |text: &str| serde_json::to_string(text).map_err(|error| error.to_string());
        talk.ask(
            &format!("db.auth({}, {})", quoted(user)?, quoted(password)?),
            place.limit,
        )?;
    }
    Ok(talk)
}
