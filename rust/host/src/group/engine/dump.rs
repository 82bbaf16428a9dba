//! The engines' own tools that write all databases as one text, and how a whole text of them ends.
//!
//! PostgreSQL: `pg_dumpall` reads each database as it was at one moment, and roles with their passwords. MariaDB and MySQL:
//! `--single-transaction` reads all of `InnoDB` as it was at one moment; tables of other engines are read while they are written to.

use std::time::Duration;

use podman_btrfs_core::spec::DatabaseEngine;

use super::environment::Environment;
use super::{mariadb, postgresql};
use crate::group::podman::Podman;
use crate::system::Fault;

/// What makes a dump.
pub(in crate::group) struct Tool {
    /// Options of `podman exec`.
    pub(in crate::group) options: Vec<&'static str>,
    /// The tool in the container, with its arguments.
    pub(in crate::group) command: Vec<String>,
    /// Variables that it is given.
    pub(in crate::group) environment: Vec<(String, String)>,
}

/// The tools of an engine, in the order in which they are tried.
///
/// # Errors
/// When the container's environment cannot be read, or there is none for the engine.
pub(in crate::group) fn tools(
    engine: DatabaseEngine,
    podman: &Podman<'_>,
    id: &str,
    limit: Duration,
) -> Result<Vec<Tool>, String> {
    let environment = || Environment::read(podman, id, limit);
    match engine {
        DatabaseEngine::Postgresql => Ok(of_postgresql(&environment()?)),
        DatabaseEngine::Mariadb => Ok(of_mariadb(&environment()?, &["mariadb-dump", "mysqldump"])),
        DatabaseEngine::Mysql => Ok(of_mariadb(&environment()?, &["mysqldump"])),
        DatabaseEngine::Mongodb | DatabaseEngine::Sqlite | DatabaseEngine::Redis => {
            Err(format!("no dump is made of {}", engine.name()))
        }
    }
}

fn of_postgresql(environment: &Environment) -> Vec<Tool> {
    let user = format!("--username={}", postgresql::user(environment));
    let tool = |options: &[&'static str]| Tool {
        options: options.to_vec(),
        command: vec!["pg_dumpall".into(), "--no-password".into(), user.clone()],
        environment: postgresql::variables(environment),
    };
    vec![tool(&[]), tool(&[postgresql::AS_OWNER])]
}

fn of_mariadb(environment: &Environment, programs: &[&str]) -> Vec<Tool> {
    const ARGUMENTS: [&str; 6] = [
        "--user=root",
        "--single-transaction",
        "--all-databases",
        "--routines",
        "--events",
        "--triggers",
    ];
    let tool = |program: &&str| Tool {
        options: Vec::new(),
        command: std::iter::once(*program)
            .chain(ARGUMENTS)
            .map(str::to_owned)
            .collect(),
        environment: mariadb::variables(environment),
    };
    programs.iter().map(tool).collect()
}

/// Whether the next tool may do what this one did not: it is not in the container, or PostgreSQL wants another account.
pub(in crate::group) fn goes_on(fault: &Fault) -> bool {
    match fault {
        Fault::Program { status, stderr, .. } => {
            *status == NOT_FOUND || postgresql::wants_owner(stderr)
        }
        Fault::ProgramMissing { .. }
        | Fault::File { .. }
        | Fault::Absent { .. }
        | Fault::Unexpected(_) => false,
    }
}

/// What `podman exec` ends with where the container has no such program (`podman-exec(1)`).
const NOT_FOUND: i32 = 127;

/// Whether the end of a dump is that of a whole one.
pub(in crate::group) fn is_whole(engine: DatabaseEngine, end: &str) -> bool {
    let mut lines = end.lines().rev().map(str::trim_end);
    match engine {
        DatabaseEngine::Postgresql => {
            // What may stand behind it; versions of 2025 and later end with `\unrestrict`.
            let is_nothing =
                |line: &&str| line.is_empty() || *line == "--" || line.starts_with("\\unrestrict ");
            lines.find(|line| !is_nothing(line))
                == Some("-- PostgreSQL database cluster dump complete")
        }
        DatabaseEngine::Mariadb | DatabaseEngine::Mysql => lines
            .find(|line| !line.is_empty())
            .is_some_and(|line| line.starts_with("-- Dump completed")),
        DatabaseEngine::Mongodb | DatabaseEngine::Sqlite | DatabaseEngine::Redis => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_whole_one_is_one() {
        let postgresql =
            "COPY a FROM stdin;\n\\.\n--\n-- PostgreSQL database cluster dump complete\n--\n\n";
        let restricted = format!("{postgresql}\\unrestrict x\n\n");
        let mariadb = "UNLOCK TABLES;\n\n-- Dump completed on 2026-11-27 16:00:00\n";
        let is = is_whole;
        for text in [postgresql, &restricted] {
            assert!(is(DatabaseEngine::Postgresql, text), "{text}");
            assert!(!is(DatabaseEngine::Mariadb, text));
        }
        for engine in [DatabaseEngine::Mariadb, DatabaseEngine::Mysql] {
            assert!(is(engine, mariadb));
        }
        for length in 0..postgresql.len() - "\n--\n\n".len() {
            assert!(!is(DatabaseEngine::Postgresql, &postgresql[..length]));
        }
        for more in ["x", "COPY b FROM stdin;\n", "1\t2\n--\n"] {
            assert!(!is(
                DatabaseEngine::Postgresql,
                &format!("{postgresql}{more}")
            ));
            assert!(!is(DatabaseEngine::Mariadb, &format!("{mariadb}{more}")));
        }
        for of_one in ["-- PostgreSQL database dump complete\n", "", "\n"] {
            assert!(!is(DatabaseEngine::Postgresql, of_one));
            assert!(!is(DatabaseEngine::Mysql, of_one));
        }
    }
}
