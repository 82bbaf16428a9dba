//! `cargo xtask new-rule STAGE NAME`: a rule in its four places, ready to be written.
//!
//! What is made compiles and keeps every test green but one: the page has no example yet, which is where
//! the work begins.

mod code;
mod lists;
mod name;
mod template;

use std::path::Path;

use clap::{Args, ValueEnum};
use podman_btrfs_core::rules::Stage;

use crate::repository::Repository;
use crate::task_error::TaskError;

const RULES: &str = "rust/core/src/rules";

/// A rule to be made.
#[derive(Args)]
pub(crate) struct Request {
    /// The stage: the directory of its rules
    #[arg(value_parser = stage)]
    stage: Stage,
    /// The name: kebab-case, the end of "decided by …" or "found …"
    name: String,
    /// What it decides about; without it, what most rules of the stage do
    #[arg(long, value_enum)]
    decides: Option<Decides>,
}

/// What a rule decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Decides {
    /// Findings; nothing is chosen
    Findings,
    /// A value for each filesystem
    Filesystem,
    /// A value for Podman's own storage
    Engine,
    /// A value for each policy
    Policy,
    /// A value for each workload
    Workload,
    /// A value for each volume
    Volume,
}

impl Decides {
    const fn usual(stage: Stage) -> Self {
        match stage {
            Stage::Validity | Stage::Capacity => Self::Findings,
            Stage::Class | Stage::Attributes => Self::Volume,
            Stage::Layout | Stage::Host => Self::Filesystem,
            Stage::Engine => Self::Engine,
            Stage::Protection => Self::Policy,
        }
    }
}

fn stage(text: &str) -> Result<Stage, String> {
    Stage::ALL
        .into_iter()
        .find(|stage| stage.name() == text)
        .ok_or_else(|| {
            let names: Vec<_> = Stage::ALL.iter().map(|stage| stage.name()).collect();
            format!("the stages are {}", names.join(", "))
        })
}

/// Makes the rule; the lines say what was written and what comes next.
pub(crate) fn run(repository: &Repository, request: &Request) -> Result<Vec<String>, TaskError> {
    let stage = request.stage;
    name::check(&request.name)?;
    let module = request.name.replace('-', "_");
    let directory = format!("{RULES}/{}", stage.name());
    let pages = pages(repository, &directory)?;
    let code = code::next(stage, &request.name, &pages)?;
    let decides = request.decides.unwrap_or(Decides::usual(stage));

    let modules = format!("{directory}/mod.rs");
    let with_module = lists::with_module(&modules, &required(repository, &modules)?, &module)?;
    let registry = format!("{RULES}/registry.rs");
    let with_rule = lists::with_rule(&registry, &required(repository, &registry)?, stage, &module)?;
    // All texts are there before the first is written: a list that looks different leaves no half rule.
    let source = format!("{directory}/{module}.rs");
    let page = format!("{directory}/{module}.md");
    let files = [
        (
            source.as_str(),
            template::source(stage, &code, &request.name, decides),
        ),
        (page.as_str(), template::page(&code, &request.name)),
        (modules.as_str(), with_module),
        (registry.as_str(), with_rule),
    ];
    let mut lines = Vec::new();
    for (path, text) in files {
        repository.write(path, &text)?;
        lines.push(format!("written: {path}"));
    }
    lines.push(format!(
        "next: say in {page} what {code} decides, with an example in which it fires and one in which it is silent; \
         then `cargo test -p podman-btrfs-core`, and `cargo xtask generate`"
    ));
    Ok(lines)
}

/// The pages of a stage, also those of rules that are no longer registered.
fn pages(repository: &Repository, directory: &str) -> Result<Vec<String>, TaskError> {
    repository
        .file_names(directory)?
        .iter()
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "md")
        })
        .map(|name| required(repository, &format!("{directory}/{name}")))
        .collect()
}

fn required(repository: &Repository, path: &str) -> Result<String, TaskError> {
    repository
        .read(path)?
        .ok_or_else(|| TaskError::Unrecognised {
            file: path.to_owned(),
            missing: "at all (there is no such file)".to_owned(),
        })
}
