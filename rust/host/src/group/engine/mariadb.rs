//! MariaDB: `BACKUP STAGE BLOCK_COMMIT` in a session that is held, so that nothing is committed until the snapshots are taken; where
//! that is refused, and in MySQL, a global read lock. Position: the GTID of the binary log, else its file and place in it.

use super::environment::Environment;
use super::talk::Talk;
use super::{Begun, Place};

const ECHO: (&str, &str) = ("SELECT '", "';");

pub(super) fn begin(
    place: &Place<'_>,
    environment: &Environment,
    is_mariadb: bool,
) -> Result<Begun, String> {
    let variables = variables(environment);
    let open = || {
        let program = if is_mariadb { "mariadb" } else { "mysql" };
        let command = [
            program,
            "--batch",
            "--skip-column-names",
            "--unbuffered",
            "--user=root",
        ];
        let mut talk = Talk::start(place, &[], &variables, &command, ECHO)?;
        // It gives up by itself where we have to, and a query that runs long holds nobody up for long.
        let wait = place.limit.min(place.budget).as_secs().max(1);
        talk.ask(
            &format!("SET SESSION lock_wait_timeout = {wait};"),
            place.limit,
        )?;
        Ok::<Talk, String>(talk)
    };
    let mut talk = open()?;
    if is_mariadb {
        let staged = talk
            .ask("BACKUP STAGE START;", place.limit)
            .and_then(|_| talk.ask("BACKUP STAGE BLOCK_COMMIT;", place.limit));
        if staged.is_ok() {
            let position = gtid(&mut talk, place)?;
            return Ok(Begun::held(talk, "BACKUP STAGE END;", position));
        }
        talk.end();
        talk = open()?;
    }
    talk.ask("FLUSH TABLES WITH READ LOCK;", place.limit)?;
    let position = if is_mariadb {
        gtid(&mut talk, place)?
    } else {
        mysql_position(&mut talk, place)?
    };
    Ok(Begun::held(talk, "UNLOCK TABLES;", position))
}

/// Root's password for its clients; without one the server knows root by the socket.
pub(super) fn variables(environment: &Environment) -> Vec<(String, String)> {
    let password = environment.first(&["MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"]);
    password
        .map(|password| ("MYSQL_PWD".to_owned(), password.to_owned()))
        .into_iter()
        .collect()
}

/// Its binary log always has GTIDs.
fn gtid(talk: &mut Talk, place: &Place<'_>) -> Result<Option<String>, String> {
    let answer = talk.ask_one("SELECT @@GLOBAL.gtid_binlog_pos;", place.limit)?;
    Ok(Some(answer).filter(|answer| !answer.is_empty()))
}

fn mysql_position(talk: &mut Talk, place: &Place<'_>) -> Result<Option<String>, String> {
    let modes = talk.ask_one(
        "SELECT CONCAT(@@GLOBAL.log_bin, ' ', @@GLOBAL.gtid_mode, ' ', VERSION());",
        place.limit,
    )?;
    let mut words = modes.split(' ');
    let (binlog, mode, version) = (words.next(), words.next(), words.next().unwrap_or_default());
    if binlog != Some("1") {
        return Ok(None);
    }
    if mode == Some("ON") {
        let answer = talk.ask(
            "SELECT REPLACE(@@GLOBAL.gtid_executed, '\\n', '');",
            place.limit,
        )?;
        return Ok(answer.into_iter().next());
    }
    let mut numbers = version
        .split('.')
        .map(|number| number.parse::<u32>().unwrap_or(0));
    let is_new = (numbers.next(), numbers.next()) >= (Some(8), Some(2));
    let statement = if is_new {
        "SHOW BINARY LOG STATUS;"
    } else {
        "SHOW MASTER STATUS;"
    };
    let answer = talk.ask(statement, place.limit)?;
    let mut fields = answer
        .first()
        .map(String::as_str)
        .unwrap_or_default()
        .split('\t');
    Ok(match (fields.next(), fields.next()) {
        (Some(file), Some(place)) => Some(format!("{file}:{place}")),
        _ => None,
    })
}
