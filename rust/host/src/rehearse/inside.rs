//! The inner process: the first of its process namespace, in a mount namespace of its own.

use std::io::{BufRead, BufReader, Read, Write};

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::task::{Message, Task};
use crate::system::Fault;

mod acts;
mod layout;
mod mounts;

/// What the two threads say to the first one.
enum Heard {
    /// To be passed on.
    Said(Message),
    /// The outer process is gone.
    Alone,
}

/// The inner process of a rehearsal. Only [`super::rehearse`] starts it, and only in namespaces of its own.
///
/// # Errors
/// When its input is not a task, or nobody takes its output.
pub fn inside() -> Result<(), Fault> {
    // In any other process what follows would take the root directory away from the host.
    let only_inside = || {
        Fault::Unexpected(
            "this is the inner part of `podman-btrfs rehearse`, which starts it in namespaces of its own".into(),
        )
    };
    if std::process::id() != 1 {
        return Err(only_inside());
    }
    let mut input = BufReader::new(std::io::stdin());
    let mut line = String::new();
    input
        .read_line(&mut line)
        .map_err(pipe("read the task from"))?;
    if line.is_empty() {
        // The outer process ended before it said what to do.
        return Ok(());
    }
    let task: Task = serde_json::from_str(&line).map_err(|_| only_inside())?;
    let (send, heard) = channel();
    let critical = Arc::new(Mutex::new(()));
    let alone = send.clone();
    thread::spawn(move || {
        let mut rest = Vec::new();
        // Whether it ended or broke: nobody is there any more.
        let _ = input.read_to_end(&mut rest);
        let _ = alone.send(Heard::Alone);
    });
    let worker_critical = Arc::clone(&critical);
    thread::spawn(move || work(&task, &send, &worker_critical));
    let mut output = std::io::stdout();
    for heard in heard {
        let Heard::Said(message) = heard else {
            // When this process ends, everything in its namespaces does. It must not end between the two
            // calls that make a loop device one that is freed by that.
            let _guard = critical.lock().unwrap_or_else(PoisonError::into_inner);
            return Ok(());
        };
        let mut line = serde_json::to_string(&message)
            .map_err(|error| Fault::Unexpected(format!("a message has no JSON form: {error}")))?;
        line.push('\n');
        let told = output
            .write_all(line.as_bytes())
            .and_then(|()| output.flush());
        let _guard = critical.lock().unwrap_or_else(PoisonError::into_inner);
        told.map_err(pipe("tell"))?;
        if matches!(message, Message::Finished) {
            return Ok(());
        }
    }
    Err(Fault::Unexpected(
        "the rehearsal broke off: please report this".into(),
    ))
}

fn pipe(what: &'static str) -> impl FnOnce(std::io::Error) -> Fault {
    move |source| Fault::File {
        what,
        path: "the outer process".into(),
        source,
    }
}

fn work(task: &Task, send: &Sender<Heard>, critical: &Mutex<()>) {
    let say = |message| {
        // Nobody hears it only when this process is about to end.
        let _ = send.send(Heard::Said(message));
    };
    acts::play(task, &say, critical);
    say(Message::Finished);
}
