//! PostgreSQL: `pg_backup_start` in a session that is held. It makes a checkpoint, so that what a restore has to replay is short, and
//! says where the log is; writers go on. What makes the snapshot right is that it shows one moment: a start on it is the recovery
//! after a power cut, which loses nothing that was acknowledged ("File System Level Backup" of its manual).

use super::environment::Environment;
use super::talk::Talk;
use super::{Begun, Place};

const ECHO: (&str, &str) = ("\\echo ", "");

pub(super) fn begin(place: &Place<'_>, environment: &Environment) -> Result<Begun, String> {
    let user = environment.first(&["POSTGRES_USER"]).unwrap_or("postgres");
    let password = environment.first(&["POSTGRES_PASSWORD", "PGPASSWORD"]);
    let variables: Vec<(String, String)> = password
        .map(|password| ("PGPASSWORD".to_owned(), password.to_owned()))
        .into_iter()
        .collect();
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
    // Debian's packages let the account `postgres` in, whoever else asks; the official image everybody in the container.
    if answer
        .as_ref()
        .is_err_and(|why| why.contains("eer authentication"))
    {
        talk = Talk::start(place, &["--user=postgres"], &variables, &command, ECHO)?;
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
