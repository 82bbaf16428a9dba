//! `thaw`, and the watchdog that does the same for one group snapshot.

use std::io::BufRead as _;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};

use podman_btrfs_host::group::frozen::thaw_all;
use podman_btrfs_host::group::watchdog::{READY, watch as watch_over};
use podman_btrfs_host::system::{Line, RealSystem};

use super::{Status, make_private};
use crate::args::{Format, ThawArguments};
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

pub(super) fn run(arguments: &ThawArguments, output: &mut Output) -> Result<Status, Fault> {
    make_private(&arguments.work.work_directory)?;
    let thawed = thaw_all(&RealSystem, &arguments.work.work_directory, false)?;
    match arguments.format {
        Format::Json => {
            let value = serde_json::json!({"wentOn": thawed.went_on, "failed": thawed.failed});
            output.say(&(serde_json::to_string_pretty(&value)? + "\n"))?;
        }
        Format::Text => output.say(&render::snapshot::thawed(&thawed, output.style))?,
    }
    Ok(Status::with_errors(!thawed.failed.is_empty()))
}

pub(super) fn watch(work_directory: &Path, id: &str, output: &mut Output) -> Result<Status, Fault> {
    // What is sent to the terminal's processes, or to those of our session, does not reach it. It leads no group when it is started
    // by us; somebody else has no reason to start it.
    let _ = rustix::process::setsid();
    output.say(&format!("{READY}\n"))?;
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut hear = |limit| match lines.recv_timeout(limit) {
        Ok(line) => Line::Said(line),
        Err(RecvTimeoutError::Timeout) => Line::Silent,
        Err(RecvTimeoutError::Disconnected) => Line::Ended(String::new()),
    };
    watch_over(&RealSystem, work_directory, id, &mut hear)?;
    Ok(Status::Fine)
}
