//! Runs the program as a user does, with a terminal's properties fixed.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a part of tests, of which each takes what it needs"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run printed, and how it ended.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// All three, for snapshots.
    pub fn shown(&self) -> String {
        let part = |name: &str, text: &str| match text {
            "" => String::new(),
            _ => format!("--- {name}\n{text}"),
        };
        format!(
            "{}{}--- exit {}\n",
            part("stdout", &self.stdout),
            part("stderr", &self.stderr),
            self.code
        )
    }
}

/// The command with nothing of this machine's terminal and locale in it.
pub fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podman-btrfs"));
    command
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80");
    command
}

pub fn run(directory: &Path, arguments: &[&str]) -> Run {
    run_with(command(directory, arguments), "")
}

/// Runs a command with a text on its standard input.
pub fn run_with(mut command: Command, input: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().expect("no signal ends it"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A directory with one file in it.
#[allow(dead_code, reason = "not every test file makes files")]
pub fn directory_with(name: &str, content: impl AsRef<[u8]>) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(name), content).unwrap();
    directory
}

#[allow(dead_code, reason = "not every test file needs scenarios")]
pub fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}
