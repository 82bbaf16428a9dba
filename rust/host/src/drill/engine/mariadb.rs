//! `MariaDB` and `MySQL`: `mariadb-check` or `mysqlcheck` of all databases.

use super::{
    CHECK, Making, PATIENCE, Running, Wrong, answers, is_no_program, password, said, shortened,
};

pub(super) fn check(
    running: &Running<'_>,
    making: &Making,
    (client, check): (&str, &str),
) -> Result<String, Wrong> {
    let names = ["MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"];
    let variables = password(making, &names, "MYSQL_PWD");
    let hello = [client, "--user=root", "--batch", "--execute=SELECT 1"];
    answers(running, &["Access denied"], &|| {
        let answer = running.exec(&[], &variables, &hello, PATIENCE);
        answer.map(drop).map_err(|fault| said(&fault))
    })?;
    let command = [check, "--user=root", "--all-databases", "--silent"];
    match running.exec(&[], &variables, &command, CHECK) {
        Ok(printed) => {
            let wrong = wrong_tables(&printed.stdout);
            if wrong.is_empty() {
                Ok(format!(
                    "recovered, and {check} finds nothing in any database"
                ))
            } else {
                Err(Wrong::Found(format!(
                    "{check} finds: {}",
                    shortened(&wrong.join("; "))
                )))
            }
        }
        Err(fault) if is_no_program(&fault, check) => Err(Wrong::NotAsked(format!(
            "it came up, and its image has no {check}"
        ))),
        Err(fault) => Err(Wrong::Found(format!("{check} fails: {}", said(&fault)))),
    }
}

/// What the check says of tables, besides notes: its status tells nothing of them.
fn wrong_tables(printed: &str) -> Vec<&str> {
    let lines = printed.lines().map(str::trim);
    lines
        .filter(|line| {
            let lower = line.to_lowercase();
            lower.starts_with("error") || lower.contains("corrupt") || lower.contains("crashed")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_on_tables_are_none_of_what_is_wrong() {
        let printed = "shop.orders\nerror    : Corrupt\nshop.log\nnote     : The storage engine for the table doesn't support check\n";
        assert_eq!(wrong_tables(printed), ["error    : Corrupt"]);
        assert!(wrong_tables("").is_empty());
    }
}
