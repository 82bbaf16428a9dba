//! `cargo xtask generate`: files that follow from the types and the rules.

mod module_data;
mod rule_index;
mod schemas;

use crate::repository::Repository;
use crate::task_error::TaskError;

/// What every generated file says of itself.
const BY: &str = "written by `cargo xtask generate`; do not edit";

/// One generated file.
pub(crate) struct Output {
    /// Its path in the repository.
    pub(crate) path: &'static str,
    /// Its text.
    pub(crate) text: String,
}

/// What to do with a file that is not what is generated now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write it.
    Write,
    /// Say that it would be written.
    DryRun,
    /// Fail.
    Check,
}

impl Mode {
    pub(crate) const fn of(check: bool, dry_run: bool) -> Self {
        match (check, dry_run) {
            (true, _) => Self::Check,
            (false, true) => Self::DryRun,
            (false, false) => Self::Write,
        }
    }

    /// What to say of the files that differed, of which there is a line each; `remedy` is for whoever only compared.
    pub(crate) fn outcome(
        self,
        lines: Vec<String>,
        remedy: &'static str,
    ) -> Result<Vec<String>, TaskError> {
        match self {
            Self::Check if !lines.is_empty() => Err(TaskError::Stale {
                files: lines,
                remedy,
            }),
            Self::Write => Ok(lines
                .iter()
                .map(|line| format!("{line}, written"))
                .collect()),
            Self::Check | Self::DryRun => Ok(lines),
        }
    }
}

/// Every generated file as it is now to be.
fn outputs() -> Result<Vec<Output>, TaskError> {
    Ok(vec![
        module_data::output()?,
        rule_index::output(),
        schemas::spec()?,
        schemas::plan()?,
    ])
}

/// Compares, and writes what differs where that is asked; the lines say what was done.
pub(crate) fn run(repository: &Repository, mode: Mode) -> Result<Vec<String>, TaskError> {
    let mut lines = Vec::new();
    for output in outputs()? {
        let found = repository.read(output.path)?;
        let what = match &found {
            Some(text) if *text == output.text => continue,
            Some(_) => "stale",
            None => "missing",
        };
        lines.push(format!("{what}: {}", output.path));
        if mode == Mode::Write {
            repository.write(output.path, &output.text)?;
        }
    }
    mode.outcome(lines, "write them with `cargo xtask generate`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_are_what_the_types_and_rules_say_now() {
        let outcome = run(&Repository::of_this_build(), Mode::Check);
        let stale = outcome.err().map(|error| error.to_string());
        assert_eq!(stale, None, "run `cargo xtask generate`");
    }

    #[test]
    fn every_generated_file_says_what_writes_it_and_ends_its_last_line() {
        for output in outputs().unwrap() {
            assert!(
                output.text.contains("cargo xtask generate"),
                "{}",
                output.path
            );
            assert!(output.text.ends_with('\n'), "{}", output.path);
        }
    }
}
