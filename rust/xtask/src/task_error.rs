//! Why a task ended early.

use std::path::PathBuf;

/// Why a task ended early; [`TaskError::Stale`] is a finding, the others stop.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the machine says.
        source: std::io::Error,
    },
    /// A type's schema has another shape than the ones that are understood.
    #[error("the schema of {what} lists no values: {schema}")]
    NoValues {
        /// The type.
        what: &'static str,
        /// Its schema.
        schema: String,
    },
    /// A value could not be written as JSON.
    #[error("cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A request for a rule that cannot be.
    #[error("`{name}` cannot be a rule: {why}")]
    Rule {
        /// The name asked for.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A list that a line is added to looks different.
    #[error("{file} has no line {missing} to add a line beside; add it by hand")]
    Unrecognised {
        /// The file.
        file: String,
        /// What was looked for.
        missing: String,
    },
    /// `--check` found files that are not as the task would write them.
    #[error("{}", files.join(", "))]
    Stale {
        /// A line for each file.
        files: Vec<String>,
        /// What to do about them.
        remedy: &'static str,
    },
    /// A Nix file that the formatter must not or cannot format.
    #[error("{path}: {why}")]
    Unformattable {
        /// The file.
        path: String,
        /// What is in the way.
        why: String,
    },
}
