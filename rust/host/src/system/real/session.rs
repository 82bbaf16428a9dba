//! Programs that are talked to, and programs that are waited for only so long: threads read what they say.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{file, not_started};
use crate::system::{Fault, Line, Printed, Session};

/// How often is looked whether a program has ended.
pub(super) const GLANCE: Duration = Duration::from_millis(5);

/// The most that is kept of what a program says on standard error, and of a line: it may be a user's.
const MAX_BYTES: u64 = 64 << 10;

/// A child of ours.
#[derive(Debug)]
pub(super) struct RealSession {
    command: String,
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
}

pub(super) fn start(
    program: &str,
    arguments: &[&str],
    environment: &[(String, String)],
) -> Result<RealSession, Fault> {
    let mut child = command(program, arguments, environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| not_started(program, source))?;
    let (sender, lines) = channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = Vec::new();
            while let Ok(1..) = reader.by_ref().take(MAX_BYTES).read_until(b'\n', &mut line) {
                let text = String::from_utf8_lossy(&line);
                if sender
                    .send(text.trim_end_matches(['\n', '\r']).to_owned())
                    .is_err()
                {
                    break;
                }
                line.clear();
            }
        });
    }
    let stderr = child.stderr.take().map(|stream| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut kept = stream.take(MAX_BYTES);
            // What was read until it failed counts.
            let _ = kept.read_to_end(&mut bytes);
            // The rest is read and forgotten, or the program would wait for a reader.
            let _ = std::io::copy(&mut kept.into_inner(), &mut std::io::sink());
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    Ok(RealSession {
        command: shown(program, arguments),
        input: child.stdin.take(),
        child,
        lines,
        stderr,
    })
}

impl RealSession {
    fn has_ended_within(&mut self, limit: Duration) -> Option<bool> {
        let until = Instant::now() + limit;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status.success()),
                Ok(None) if Instant::now() < until => std::thread::sleep(GLANCE),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Waits until it has ended, as long as it takes.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        self.input = None;
        let command = std::path::PathBuf::from(&self.command);
        let status = self.child.wait().map_err(file("wait for", &command))?;
        if status.success() {
            return Ok(());
        }
        Err(Fault::Program {
            command: self.command.clone(),
            status: status.code().unwrap_or(-1),
            stderr: self.complaint(),
        })
    }

    /// What it said on standard error, where it closed that soon.
    fn complaint(&mut self) -> String {
        let until = Instant::now() + Duration::from_millis(500);
        while self
            .stderr
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
            && Instant::now() < until
        {
            std::thread::sleep(GLANCE);
        }
        let finished = self.stderr.take_if(|thread| thread.is_finished());
        finished
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default()
    }
}

impl Session for RealSession {
    fn say(&mut self, line: &str) -> Result<(), Fault> {
        let command = std::path::PathBuf::from(&self.command);
        let Some(input) = self.input.as_mut() else {
            return Err(Fault::Unexpected(format!("`{}` was ended", self.command)));
        };
        input
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| input.flush())
            .map_err(file("talk to", &command))
    }

    fn hear(&mut self, limit: Duration) -> Line {
        match self.lines.recv_timeout(limit) {
            Ok(line) => Line::Said(line),
            Err(RecvTimeoutError::Timeout) => Line::Silent,
            Err(RecvTimeoutError::Disconnected) => Line::Ended(self.complaint()),
        }
    }

    fn end(&mut self, limit: Duration) -> bool {
        self.input = None;
        if let Some(well) = self.has_ended_within(limit) {
            return well;
        }
        // It may end at this very moment.
        let _ = self.child.kill();
        let _ = self.child.wait();
        false
    }
}

impl Drop for RealSession {
    fn drop(&mut self) {
        self.end(Duration::from_secs(2));
    }
}

pub(super) fn run_within(
    program: &str,
    arguments: &[&str],
    environment: &[(String, String)],
    limit: Duration,
) -> Result<Printed, Fault> {
    let begun = Instant::now();
    let mut session = start(program, arguments, environment)?;
    session.input = None;
    let mut stdout = String::new();
    let over = || {
        Fault::Unexpected(format!(
            "`{}` was not done after {} s",
            shown(program, arguments),
            limit.as_secs_f32()
        ))
    };
    loop {
        match session.hear(limit.saturating_sub(begun.elapsed())) {
            Line::Said(line) => {
                stdout.push_str(&line);
                stdout.push('\n');
            }
            Line::Silent => {
                session.end(Duration::ZERO);
                return Err(over());
            }
            Line::Ended(stderr) => {
                let rest = limit.saturating_sub(begun.elapsed());
                return match session.has_ended_within(rest) {
                    Some(true) => Ok(Printed { stdout, stderr }),
                    Some(false) => {
                        let status = session.child.wait().ok();
                        Err(Fault::Program {
                            command: shown(program, arguments),
                            status: status.and_then(|status| status.code()).unwrap_or(-1),
                            stderr,
                        })
                    }
                    None => {
                        session.end(Duration::ZERO);
                        Err(over())
                    }
                };
            }
        }
    }
}

pub(super) fn command(
    program: &str,
    arguments: &[&str],
    environment: &[(String, String)],
) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("LC_ALL", "C")
        .envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

/// The command line, for reading only.
pub(super) fn shown(program: &str, arguments: &[&str]) -> String {
    let words = std::iter::once(program).chain(arguments.iter().copied());
    words.collect::<Vec<_>>().join(" ")
}
