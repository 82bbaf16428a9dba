//! The `podman-btrfs` command: arguments in, a status out. All exit codes are here.

mod args;
mod commands;
mod declaration;
mod fault;
mod finding;
mod input;
mod out_directory;
mod output;
mod render;
mod subject;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Arguments;
use crate::commands::Status;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut output = Output::of_process();
    match commands::run(&arguments.command, &mut output) {
        Ok(Status::Fine) => ExitCode::SUCCESS,
        Ok(Status::Findings) => ExitCode::from(1),
        // Nobody reads any more, as in `podman-btrfs plan … | head`: nothing is wrong.
        Err(fault) if fault.is_closed_pipe() => ExitCode::SUCCESS,
        Err(fault) => {
            // A fault that cannot be told leaves its exit code.
            let _ = output.fault(&fault);
            ExitCode::from(2)
        }
    }
}
