//! `PostgreSQL`: `pg_amcheck` of all databases, else `pg_dumpall` to nowhere.

use std::cell::Cell;

use super::{CHECK, Making, PATIENCE, Running, Wrong, answers, is_no_program, password, said};

pub(super) fn check(running: &Running<'_>, making: &Making) -> Result<String, Wrong> {
    const AS: [&[&str]; 2] = [&[], &["--user=postgres"]];
    let user = making.first(&["POSTGRES_USER"]).unwrap_or("postgres");
    let variables = password(making, &["POSTGRES_PASSWORD"], "PGPASSWORD");
    let account = Cell::new(0);
    let exec = |command: &[&str], limit| {
        let options = AS.get(account.get()).copied().unwrap_or_default();
        running.exec(options, &variables, command, limit)
    };
    let hello = [
        "psql", "-XqAt", "-U", user, "-d", "postgres", "-c", "SELECT 1",
    ];
    answers(
        running,
        &["password authentication failed", "no password supplied"],
        &|| {
            let Err(fault) = exec(&hello, PATIENCE) else {
                return Ok(());
            };
            let why = said(&fault);
            // Debian's packages let the account `postgres` in, whoever else asks.
            if why.contains("eer authentication") {
                account.set(1);
            }
            Err(why)
        },
    )?;
    // Debian's packages have not all programs on the path.
    let place = "SELECT setting || '/pg_amcheck' FROM pg_config WHERE name = 'BINDIR'";
    let place = exec(
        &["psql", "-XqAt", "-U", user, "-d", "postgres", "-c", place],
        PATIENCE,
    );
    let program = place.map_or_else(
        |_| "pg_amcheck".to_owned(),
        |printed| printed.stdout.trim().to_owned(),
    );
    // The database is thrown away, so the extension can be made in it.
    let amcheck = [program.as_str(), "-U", user, "--all", "--install-missing"];
    match exec(&amcheck, CHECK) {
        Ok(_) => return Ok("recovered, and pg_amcheck finds nothing in any database".into()),
        Err(fault) if is_no_program(&fault, "pg_amcheck") => {}
        Err(fault) if said(&fault).contains("is not available") => {}
        Err(fault) if said(&fault).contains("extension control file") => {}
        Err(fault) => {
            return Err(Wrong::Found(format!(
                "pg_amcheck finds something: {}",
                said(&fault)
            )));
        }
    }
    let dump = ["pg_dumpall", "-U", user, "--file=/dev/null"];
    match exec(&dump, CHECK) {
        Ok(_) => Ok("recovered, and pg_dumpall reads all of it; there is no pg_amcheck".into()),
        Err(fault) if is_no_program(&fault, "pg_dumpall") => Err(Wrong::NotAsked(
            "it came up, and its image has neither pg_amcheck nor pg_dumpall".into(),
        )),
        Err(fault) => Err(Wrong::Found(format!("pg_dumpall fails: {}", said(&fault)))),
    }
}
