//! `build plan|check`: the builder of a Nix derivation. Nix gives attributes in a file, and wants the output at a path.
//! What it makes is the bundle: the plan, and the values of NixOS options that follow from it.

use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::spec::input;
use serde::Deserialize;
use serde_json::Value;

use super::Status;
use crate::args::BuildWhat;
use crate::fault::Fault;
use crate::output::Output;
use crate::render;

/// The attributes of the derivation that matter here (Nix manual, "Structured attributes").
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    outputs: Outputs,
    spec: Value,
    plan_file: Option<PathBuf>,
    /// The command that writes `planFile` anew.
    refresh: Option<String>,
}

#[derive(Deserialize)]
struct Outputs {
    out: PathBuf,
}

pub(super) fn run(what: BuildWhat, output: &mut Output) -> Result<Status, Fault> {
    let attributes = attributes()?;
    // Mistakes of the user are data in the plan: the module makes assertions of them.
    let plan =
        input::parse_value(&attributes.spec).map_or_else(Plan::refused, |spec| plan::build(&spec));
    let text = podman_btrfs_emit::bundle(&plan)?;
    match what {
        BuildWhat::Plan => write(&attributes.outputs.out, &text)?,
        BuildWhat::Check => {
            let file = attributes
                .plan_file
                .ok_or_else(|| Fault::Derivation("it has no attribute `planFile`".into()))?;
            let committed = read(&file)?;
            if committed != text.as_bytes() {
                output.warn(&render::difference::stale(
                    &file,
                    &committed,
                    &text,
                    attributes.refresh.as_deref(),
                ))?;
                return Ok(Status::Findings);
            }
            write(&attributes.outputs.out, "")?;
        }
    }
    Ok(Status::Fine)
}

fn attributes() -> Result<Attributes, Fault> {
    let file = std::env::var_os("NIX_ATTRS_JSON_FILE")
        .ok_or_else(|| Fault::Derivation("`NIX_ATTRS_JSON_FILE` is not set".into()))?;
    serde_json::from_slice(&read(Path::new(&file))?)
        .map_err(|error| Fault::Derivation(format!("its attributes cannot be read: {error}")))
}

fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|source| Fault::Read {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Fault> {
    std::fs::write(path, text).map_err(|source| Fault::Write {
        what: "write",
        path: path.to_owned(),
        source,
    })
}
