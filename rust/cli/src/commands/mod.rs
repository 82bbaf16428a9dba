//! The commands: each puts together what other modules do.

mod apply;
mod build;
mod check;
mod completions;
mod copies;
mod diff;
mod doctor;
mod drill;
mod emergency;
mod explain;
mod man;
mod metrics;
mod migrate;
mod migrate_store;
mod model;
mod plan;
mod recover;
mod rehearse;
mod restore;
mod retire;
mod schema;
mod snapshot;
mod status;
mod thaw;
mod update;
mod upkeep;
mod verify;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use podman_btrfs_core::plan::Plan;

use crate::args::Command;
use crate::fault::Fault;
use crate::output::Output;
use crate::{input, render};

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing is wrong.
    Fine,
    /// Something is wrong with what was given, or is not as planned.
    Findings,
}

/// Runs a command.
pub(crate) fn run(command: &Command, output: &mut Output) -> Result<Status, Fault> {
    match command {
        Command::Plan(arguments) => plan::run(arguments, output),
        Command::Check(arguments) => check::run(arguments, output),
        Command::Explain(arguments) => explain::run(arguments, output),
        Command::Diff(arguments) => diff::run(arguments, output),
        Command::Schema { of } => schema::run(*of, output),
        Command::Apply(arguments) => apply::run(arguments, output),
        Command::Migrate(arguments) => migrate::run(arguments, output),
        Command::MigrateStore(arguments) => migrate_store::run(arguments, output),
        Command::MigrateStoreInside(arguments) => Err(migrate_store::inside(arguments)),
        Command::Restore(arguments) => restore::run(arguments, output),
        Command::Recover(arguments) => recover::run(arguments, output),
        Command::Undo(arguments) => restore::undo(arguments, output),
        Command::Drill(arguments) => drill::run(arguments, output),
        Command::Update(arguments) => update::run(arguments, output),
        Command::Retire(arguments) => retire::run(arguments, output),
        Command::Doctor(arguments) => doctor::run(arguments, output),
        Command::Copies(arguments) => copies::run(arguments, output),
        Command::Status(arguments) => status::run(arguments, output),
        Command::Verify(arguments) => verify::run(arguments, output),
        Command::Metrics(arguments) => metrics::run(arguments, output),
        Command::Upkeep(arguments) => upkeep::run(arguments, output),
        Command::Snapshot(arguments) => snapshot::run(arguments, output),
        Command::Thaw(arguments) => thaw::run(arguments, output),
        Command::WatchFreeze { work_directory, id } => thaw::watch(work_directory, id, output),
        Command::Emergency(arguments) => emergency::run(arguments, output),
        Command::Rehearse(arguments) => rehearse::run(arguments, output),
        Command::RehearseInside => rehearse::run_inside(),
        Command::Completions { shell } => completions::run(*shell, output),
        Command::Man => man::run(output),
        Command::Model => model::run(output),
        Command::Build { what } => build::run(*what, output),
    }
}

/// The plan of a file, or `None` when what stands against it was told.
fn plan_of(file: &Path, output: &mut Output) -> Result<Option<Plan>, Fault> {
    match input::read(file)?.and_then(|text| input::plan(&text)) {
        Ok(plan) => Ok(Some(plan)),
        Err(finding) => {
            let text = render::diagnostics::of_file(&[*finding], file, output.error_style);
            output.warn(&text)?;
            Ok(None)
        }
    }
}

/// Makes a directory for root alone, where none is: who may lock a file there can hold all work up.
fn make_private(directory: &Path) -> Result<(), Fault> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|source| Fault::Write {
            what: "make",
            path: directory.to_owned(),
            source,
        })
}

impl Status {
    /// Findings when there are errors among them.
    pub(crate) fn with_errors(has_errors: bool) -> Self {
        if has_errors {
            Self::Findings
        } else {
            Self::Fine
        }
    }
}
