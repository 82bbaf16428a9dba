//! `completions SHELL`

use clap::CommandFactory;
use clap_complete::Shell;

use super::Status;
use crate::args::Arguments;
use crate::fault::Fault;
use crate::output::Output;

pub(super) fn run(shell: Shell, output: &mut Output) -> Result<Status, Fault> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        "podman-btrfs",
        &mut script,
    );
    output.say(&String::from_utf8_lossy(&script))?;
    Ok(Status::Fine)
}
