//! Tasks of development: `cargo xtask generate`, `cargo xtask fmt-nix` and `cargo xtask new-rule`.
//!
//! Whatever can be said once in Rust and is read elsewhere (by the NixOS module, by people, by editors)
//! is generated from it, committed, and held against it by the tests.

mod generate;
mod new_rule;
mod nix_format;
mod repository;
mod task_error;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::generate::Mode;
use self::repository::Repository;
use self::task_error::TaskError;

/// Generates what is generated, formats Nix, and scaffolds a new rule
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes the files that follow from the types and the rules
    Generate {
        /// Compare only; end with 1 when a file is stale
        #[arg(long, conflicts_with = "dry_run")]
        check: bool,
        /// Say what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Formats every Nix file of the repository
    FmtNix {
        /// Compare only; end with 1 when a file is formatted otherwise
        #[arg(long)]
        check: bool,
    },
    /// Adds a rule: its file, its page, and its two lines in lists
    NewRule(new_rule::Request),
}

fn main() -> ExitCode {
    let repository = Repository::of_this_build();
    let outcome = match Arguments::parse().task {
        Task::Generate { check, dry_run } => generate::run(&repository, Mode::of(check, dry_run)),
        Task::FmtNix { check } => nix_format::run(&repository, Mode::of(check, false)),
        Task::NewRule(request) => new_rule::run(&repository, &request),
    };
    match outcome {
        Ok(lines) => say(&mut std::io::stdout(), &lines, ExitCode::SUCCESS),
        Err(TaskError::Stale { files, remedy }) => {
            let mut lines = files;
            lines.push(remedy.to_owned());
            say(&mut std::io::stdout(), &lines, ExitCode::from(1))
        }
        Err(error) => say(
            &mut std::io::stderr(),
            &[error.to_string()],
            ExitCode::from(2),
        ),
    }
}

/// Writes the lines; where nobody reads them, that is a failure too.
fn say(out: &mut impl Write, lines: &[String], code: ExitCode) -> ExitCode {
    let written = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    if written.is_ok() {
        code
    } else {
        ExitCode::from(2)
    }
}
