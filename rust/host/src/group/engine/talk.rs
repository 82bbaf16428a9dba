//! Talking to an engine's own client: a statement goes in, its answer is all that comes before the echo of a mark.

use std::time::{Duration, Instant};

use super::Place;
use crate::system::{Line, Session};

/// A client that runs.
#[derive(Debug)]
pub(super) struct Talk {
    session: Box<dyn Session>,
    /// How the client is asked to say something: what stands before and behind it.
    echo: (&'static str, &'static str),
    marks: u32,
}

impl Talk {
    /// Starts it in a container.
    pub(super) fn start(
        place: &Place<'_>,
        options: &[&str],
        environment: &[(String, String)],
        command: &[&str],
        echo: (&'static str, &'static str),
    ) -> Result<Self, String> {
        let session = place.podman.talk(&place.id, options, environment, command);
        Ok(Self {
            session: session.map_err(|fault| fault.to_string())?,
            echo,
            marks: 0,
        })
    }

    /// Says something, and returns the lines of the answer.
    pub(super) fn ask(&mut self, statement: &str, limit: Duration) -> Result<Vec<String>, String> {
        self.marks += 1;
        let mark = format!("podman-btrfs-{}", self.marks);
        let echo = format!("{}{mark}{}", self.echo.0, self.echo.1);
        // A client that has ended tells why on the other pipe.
        let said = self
            .session
            .say(statement)
            .and_then(|()| self.session.say(&echo));
        let until = Instant::now() + limit;
        let mut answer = Vec::new();
        loop {
            match self
                .session
                .hear(until.saturating_duration_since(Instant::now()))
            {
                Line::Said(line) if line.trim_matches('"') == mark => return Ok(answer),
                Line::Said(line) => answer.push(line),
                Line::Silent => {
                    return Err(format!("no answer within {} s", limit.as_secs_f32()));
                }
                Line::Ended(stderr) => {
                    let why = stderr.trim();
                    return Err(match said {
                        _ if !why.is_empty() => why.to_owned(),
                        Err(fault) => fault.to_string(),
                        Ok(()) => "the client ended without a word".to_owned(),
                    });
                }
            }
        }
    }

    /// The one line of an answer.
    pub(super) fn ask_one(&mut self, statement: &str, limit: Duration) -> Result<String, String> {
        let answer = self.ask(statement, limit)?;
        match answer.as_slice() {
            [line] => Ok(line.clone()),
            other => Err(format!(
                "`{statement}` was answered by {} lines",
                other.len()
            )),
        }
    }

    /// Ends it.
    pub(super) fn end(&mut self) {
        self.session.end(Duration::from_secs(2));
    }
}
