//! `rehearse FILE`

use std::io::IsTerminal;
use std::path::PathBuf;

use podman_btrfs_core::finding::has_errors;
use podman_btrfs_core::plan::{self, Plan, StorageFiles};
use podman_btrfs_host::rehearse::{Options, Progress, inside, rehearse};

use super::Status;
use crate::args::{Format, RehearseArguments};
use crate::declaration::{self, Declaration};
use crate::fault::Fault;
use crate::output::Output;
use crate::render::rehearsal;

pub(super) fn run(arguments: &RehearseArguments, output: &mut Output) -> Result<Status, Fault> {
    let Declaration { source, spec } = declaration::read(&arguments.file)?;
    let plan = match spec {
        Ok(spec) => plan::build(&spec),
        Err(findings) => return super::plan::refuse(&source, &findings, arguments.format, output),
    };
    if has_errors(&plan.diagnostics) {
        let findings = source.locate(plan.diagnostics);
        return super::plan::refuse(&source, &findings, arguments.format, output);
    }
    let storage_conf = storage_conf(&plan)?;
    let options = Options {
        size: arguments.size.bytes(),
        replicas: arguments.replicas,
        layout_only: arguments.layout_only,
        keep: arguments.keep,
        image_directory: arguments.images.clone().unwrap_or_else(large_files),
    };
    // What cannot be told now is in the report all the same.
    let mut tell = |progress: &Progress| drop(show(progress, arguments.format, output));
    let report = rehearse(&plan, storage_conf.as_deref(), &options, &mut tell)?;
    match arguments.format {
        Format::Json => output.say(&(serde_json::to_string_pretty(&report)? + "\n"))?,
        Format::Text => output.say(&rehearsal::report(&report, output.style))?,
    }
    match report.failed() {
        0 => Ok(Status::Fine),
        failed => Err(Fault::RehearsalFailed { failed }),
    }
}

/// The planned file as the Podman of this machine can read it, which is rarely one that reads drop-ins.
fn storage_conf(plan: &Plan) -> Result<Option<String>, Fault> {
    let planned = plan.engine.storage_conf.as_ref();
    if let Some(conf) = planned.filter(|conf| conf.files == StorageFiles::DropIns) {
        return Ok(Some(podman_btrfs_emit::storage_conf_for_any_podman(conf)?));
    }
    let mut artefacts = podman_btrfs_emit::emit(plan)?.into_iter();
    let file = artefacts.find(|artefact| artefact.path == "storage.conf");
    Ok(file.map(|artefact| artefact.text))
}

/// Where large files go for a while (`file-hierarchy(7)`); `/tmp` is often memory.
fn large_files() -> PathBuf {
    std::env::var_os("TMPDIR").map_or_else(|| "/var/tmp".into(), PathBuf::from)
}

/// Steps go where the report goes; with a report for programs, only to a person.
fn show(progress: &Progress, format: Format, output: &mut Output) -> Result<(), Fault> {
    match format {
        Format::Text => {
            let redraws = std::io::stdout().is_terminal();
            output.say(&rehearsal::progress(progress, redraws, output.style))
        }
        Format::Json if std::io::stderr().is_terminal() => {
            output.warn(&rehearsal::progress(progress, true, output.error_style))
        }
        Format::Json => Ok(()),
    }
}

pub(super) fn run_inside() -> Result<Status, Fault> {
    inside()?;
    Ok(Status::Fine)
}
