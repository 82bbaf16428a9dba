//! Redis and Valkey: writers are held up by `CLIENT PAUSE … WRITE`, which ends by itself; then what was acknowledged is written out:
//! by `SAVE`, or, where each command goes to a log, by waiting until that is written. A dump too large for that is made by `BGSAVE`
//! before, and writers are not held up: what they wrote after it is not in it, and the position tells.

use std::collections::BTreeMap;
use std::time::Duration;

use super::environment::Environment;
use super::talk::Talk;
use super::{Begun, Held, Place};

const ECHO: (&str, &str) = ("ECHO ", "");

/// What `SAVE` writes in about a second on a slow disk: our choice.
const LARGE: u64 = 256 << 20;

pub(super) fn begin(place: &Place<'_>, environment: &Environment) -> Result<Begun, String> {
    let mut talk = open(place, environment)?;
    let info = info(&mut talk, place)?;
    let number = |name: &str| info.get(name).and_then(|value| value.parse::<u64>().ok());
    let is_logged = info.get("aof_enabled").is_some_and(|value| value == "1");
    if !is_logged && number("used_memory").is_none_or(|bytes| bytes > LARGE) {
        save_beside(&mut talk, place)?;
        let position = position(&mut talk, place)?;
        talk.end();
        return Ok(Begun::done(
            "done: saved beside writers, who went on",
            Some(position),
        ));
    }
    let pause = format!("CLIENT PAUSE {} WRITE", place.budget.as_millis());
    let is_paused = command(&mut talk, &pause, place).is_ok();
    if is_logged {
        wait_for_log(&mut talk, place)?;
    } else {
        save(&mut talk, place)?;
    }
    let position = position(&mut talk, place)?;
    if !is_paused {
        talk.end();
        // Before version 6.2.
        return Ok(Begun::done(
            "done: it cannot hold writers up",
            Some(position),
        ));
    }
    let mut begun = Begun::done("held", Some(position));
    begun.held = Some(Held {
        talk,
        ending: "CLIENT UNPAUSE",
    });
    Ok(begun)
}

fn open(place: &Place<'_>, environment: &Environment) -> Result<Talk, String> {
    let password = environment.first(&["REDISCLI_AUTH", "REDIS_PASSWORD", "VALKEY_PASSWORD"]);
    let variables: Vec<(String, String)> = password
        .map(|password| ("REDISCLI_AUTH".to_owned(), password.to_owned()))
        .into_iter()
        .collect();
    let mut talk = Talk::start(place, &[], &variables, &["redis-cli"], ECHO)?;
    match command(&mut talk, "PING", place) {
        Ok(()) => Ok(talk),
        Err(why) if why.contains("not found") => {
            let mut talk = Talk::start(place, &[], &variables, &["valkey-cli"], ECHO)?;
            command(&mut talk, "PING", place)?;
            Ok(talk)
        }
        Err(why) => Err(why),
    }
}

/// A command that is answered by one word.
fn command(talk: &mut Talk, text: &str, place: &Place<'_>) -> Result<(), String> {
    let answer = talk.ask(text, place.limit)?;
    let said = answer.iter().find(|line| !line.is_empty());
    match said.map(String::as_str) {
        Some("OK" | "PONG" | "Background saving started") => Ok(()),
        Some(other) => Err(other.to_owned()),
        None => Err(format!("no answer to `{text}`")),
    }
}

fn info(talk: &mut Talk, place: &Place<'_>) -> Result<BTreeMap<String, String>, String> {
    let answer = talk.ask("INFO", place.limit)?;
    let fields = answer.iter().filter_map(|line| line.trim().split_once(':'));
    Ok(fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// `SAVE`, after one that is being made beside.
fn save(talk: &mut Talk, place: &Place<'_>) -> Result<(), String> {
    let until = place.podman.system().uptime() + place.limit;
    loop {
        match command(talk, "SAVE", place) {
            Err(why) if why.contains("in progress") && place.podman.system().uptime() < until => {
                nap(place);
            }
            ended => return ended,
        }
    }
}

fn save_beside(talk: &mut Talk, place: &Place<'_>) -> Result<(), String> {
    let until = place.podman.system().uptime() + place.limit;
    let running = |info: &BTreeMap<String, String>| {
        info.get("rdb_bgsave_in_progress")
            .is_some_and(|value| value == "1")
    };
    let mut begun = false;
    loop {
        if !running(&info(talk, place)?) {
            if begun {
                break;
            }
            command(talk, "BGSAVE", place)?;
            begun = true;
        }
        if place.podman.system().uptime() >= until {
            return Err(format!(
                "it was not saved within {} s",
                place.limit.as_secs()
            ));
        }
        nap(place);
    }
    match info(talk, place)?
        .get("rdb_last_bgsave_status")
        .map(String::as_str)
    {
        Some("ok") => Ok(()),
        other => Err(format!(
            "BGSAVE ended with {}",
            other.unwrap_or("no status")
        )),
    }
}

/// Until all that was acknowledged has been given to the kernel, whose snapshot has it.
fn wait_for_log(talk: &mut Talk, place: &Place<'_>) -> Result<(), String> {
    let until = place.podman.system().uptime() + place.limit.min(place.budget);
    loop {
        let info = info(talk, place)?;
        let is_zero = |name: &str| info.get(name).is_none_or(|value| value == "0");
        if info
            .get("aof_last_write_status")
            .is_some_and(|value| value != "ok")
        {
            return Err("its log cannot be written".into());
        }
        if is_zero("aof_buffer_length") && is_zero("aof_pending_bio_fsync") {
            return Ok(());
        }
        if place.podman.system().uptime() >= until {
            return Err("its log was not written in time".into());
        }
        nap(place);
    }
}

fn position(talk: &mut Talk, place: &Place<'_>) -> Result<String, String> {
    let info = info(talk, place)?;
    let of = |name: &str| info.get(name).map_or("?", String::as_str);
    Ok(format!(
        "lastsave {}, offset {}",
        of("rdb_last_save_time"),
        of("master_repl_offset")
    ))
}

fn nap(place: &Place<'_>) {
    place.podman.system().pause(Duration::from_millis(20));
}
