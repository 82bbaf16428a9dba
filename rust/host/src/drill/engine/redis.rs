//! Redis and Valkey: that all was loaded, which checks the sums of an RDB file and the form of an AOF.

use std::cell::Cell;

use super::{
    Fault, Making, PATIENCE, Printed, Running, Wrong, answers, is_no_program, password, said,
    shortened,
};

pub(super) fn check(running: &Running<'_>, making: &Making) -> Result<String, Wrong> {
    const PROGRAMS: [&str; 2] = ["redis-cli", "valkey-cli"];
    let names = ["REDISCLI_AUTH", "REDIS_PASSWORD", "VALKEY_PASSWORD"];
    let variables = password(making, &names, "REDISCLI_AUTH");
    let which = Cell::new(0);
    let ask = |words: &[&str]| -> Result<Printed, Fault> {
        let program = PROGRAMS.get(which.get()).copied().unwrap_or_default();
        running.exec(&[], &variables, &[&[program], words].concat(), PATIENCE)
    };
    let has_neither = Cell::new(false);
    answers(running, &["NOAUTH"], &|| match ask(&["PING"]) {
        Ok(printed) if printed.stdout.trim() == "PONG" => Ok(()),
        Ok(printed) => Err(shortened(&printed.stdout)),
        Err(fault) if is_no_program(&fault, "-cli") => {
            has_neither.set(which.replace(1) == 1);
            if has_neither.get() {
                return Ok(());
            }
            Err(said(&fault))
        }
        Err(fault) => Err(said(&fault)),
    })?;
    if has_neither.get() {
        return Err(Wrong::NotAsked(
            "its image has neither redis-cli nor valkey-cli".into(),
        ));
    }
    let printed = ask(&["DBSIZE"]).map_err(|fault| Wrong::Found(said(&fault)))?;
    match printed.stdout.trim().parse::<u64>() {
        Ok(keys) => Ok(format!("loaded all of its data: {keys} keys")),
        Err(_) => Err(Wrong::Found(format!(
            "it says of its size: {}",
            shortened(&printed.stdout)
        ))),
    }
}
