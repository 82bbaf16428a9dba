//! PostgreSQL: `pg_backup_start` in a session that is held. It makes a checkpoint, so that what a restore has to replay is short, and
//! says where the log is; writers go on. What makes the snapshot right is that it shows one moment: a start on it is the recovery
//! after a power cut, which loses nothing that was acknowledged ("File System Level Backup" of its manual).

use super::environment::Environment;
use super::talk::Talk;
use super::{Begun, Place};

const ECHO: (&str, &str) = ("\\echo ", "");

/// What `podman exec` is told so that the account of the server's files asks.
pub(super) const AS_OWNER: &str = "--user=postgres";

/// Whether it is that account that is asked for. Debian's packages let the account `postgres` in, whoever else asks; the official image
/// everybody in the container.
pub(super) fn wants_owner(why: &str) -> bool {
    why.contains("eer authentication")
}

/// The user that may do all.
pub(super) fn user(environment: &Environment) -> &str {
    environment.first(&["POSTGRES_USER"]).unwrap_or("postgres")
}

/// His password for its clients.
pub(super) fn variables(environment: &Environment) -> Vec<(String, String)> {
    let password = environment.first(&["POSTGRES_PASSWORD", "PGPASSWORD"]);
    password
        .map(|password| ("PGPASSWORD".to_owned(), password.to_owned()))
        .into_iter()
        .collect()
}

pub(super) fn begin(place: &Place<'_>, environment: &Environment) -> Result<Begun, String> {
    let user = user(environment);
    let variables = variables(environment);
    let command = [
        "psql",
        "-XqAt",
        "-v",
        "ON_ERROR_STOP=1",
        "-U",
        user,
        "-d",
        "postgres",
    ];
    let version = "SHOW server_version_num;";
    let mut talk = Talk::start(place, &[], &variables, &command, ECHO)?;
    let mut answer = talk.ask_one(version, place.limit);
    if answer.as_ref().is_err_and(|why| wants_owner(why)) {
        talk = Talk::start(place, &[AS_OWNER], &variables, &command, ECHO)?;
        answer = talk.ask_one(version, place.limit);
    }
    let answer = answer?;
    let number: u32 = answer
        .trim()
        .parse()
        .map_err(|_| format!("its version is `{}`", answer.escape_debug()))?;
    // It gives up by itself where we have to.
    let limit = format!("SET statement_timeout = '{}ms';", place.limit.as_millis());
    talk.ask(&limit, place.limit)?;
    let (start, ending) = if number >= 150_000 {
        (
            "SELECT pg_backup_start('podman-btrfs', true);",
            "SELECT lsn FROM pg_backup_stop(false);",
        )
    } else {
        (
            "SELECT pg_start_backup('podman-btrfs', true, false);",
            "SELECT lsn FROM pg_stop_backup(false, false);",
        )
    };
    // A standby cannot begin one; it tells why.
    let position = talk.ask_one(start, place.limit)?;
    Ok(Begun::held(talk, ending, Some(position)))
}
