//! The process that lets everything go on when we do not: it is started before anything is held still, in a session of its own, and
//! hears from us over a pipe. That the pipe is closed without a word is how it learns that we have died.

use std::path::Path;
use std::time::Duration;

use super::frozen::{Thawed, thaw_one};
use crate::system::{Fault, Line, Session, System};

/// What it says when it watches.
pub const READY: &str = "ready";
/// What it hears when there is nothing to watch any more.
const DONE: &str = "done";
/// What it hears when something is held still from now on, with the milliseconds that it may last.
const HOLD: &str = "hold ";

/// How long its start may take: it is our own program.
const START: Duration = Duration::from_secs(10);
/// How often it tries again, and when.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(200);

/// The watchdog, from our side.
#[derive(Debug)]
pub struct Watchdog {
    session: Box<dyn Session>,
}

impl Watchdog {
    /// Starts it; it watches when this returns.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(
        system: &dyn System,
        program: &Path,
        work_directory: &Path,
        id: &str,
    ) -> Result<Self, Fault> {
        let (program, directory) = (program.to_string_lossy(), work_directory.to_string_lossy());
        let mut session = system.session(&program, &["watch-freeze", &directory, id], &[])?;
        match session.hear(START) {
            Line::Said(word) if word == READY => Ok(Self { session }),
            other @ (Line::Said(_) | Line::Ended(_) | Line::Silent) => {
                Err(Fault::Unexpected(format!(
                    "the watchdog that would let containers go on when this command is killed does not start: {other:?}"
                )))
            }
        }
    }

    /// From now on something is held still.
    ///
    /// # Errors
    /// When it has ended: then nothing is held still.
    pub fn hold(&mut self, budget: Duration) -> Result<(), Fault> {
        self.session.say(&format!("{HOLD}{}", budget.as_millis()))
    }

    /// All goes on; it ends.
    pub fn done(mut self) {
        // It may have ended, having let all go on.
        let _ = self.session.say(DONE);
        self.session.end(Duration::from_secs(2));
    }
}

/// Watches: what `lines` gives is what it hears. Returns what it let go on; `None` where it had nothing to do.
///
/// # Errors
/// When what is held still could not be let go on.
pub fn watch(
    system: &dyn System,
    work_directory: &Path,
    id: &str,
    lines: &mut dyn FnMut(Duration) -> Line,
) -> Result<Option<Thawed>, Fault> {
    /// Before something is held still only an end counts.
    const LONG: Duration = Duration::from_secs(3600);
    let mut until = None;
    loop {
        let wait = until.map_or(LONG, |until: Duration| {
            until.saturating_sub(system.uptime())
        });
        match lines(wait) {
            Line::Said(line) if line == DONE => return Ok(None),
            Line::Said(line) => {
                let budget = line.strip_prefix(HOLD).and_then(|text| text.parse().ok());
                // What is not understood is no reason to wait any longer.
                let budget = Duration::from_millis(budget.unwrap_or(0));
                until = Some(system.uptime() + budget);
            }
            Line::Silent if until.is_none() => {}
            Line::Silent | Line::Ended(_) => break,
        }
    }
    let mut thawed = thaw_one(system, work_directory, id);
    for _ in 1..TRIES {
        if thawed.as_ref().is_ok_and(|thawed| thawed.failed.is_empty()) {
            break;
        }
        system.pause(PAUSE);
        thawed = thaw_one(system, work_directory, id);
    }
    thawed.map(Some)
}
