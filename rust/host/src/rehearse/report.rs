//! What a rehearsal showed, step by step.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a rehearsal showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Report {
    /// The steps, in the order they ended.
    pub steps: Vec<Step>,
    /// How long all of it took.
    pub milliseconds: u64,
    /// The disk images that were kept on request.
    pub kept: Vec<PathBuf>,
}

impl Report {
    /// How many steps failed. What was skipped, with its reason, did not.
    #[must_use]
    pub fn failed(&self) -> usize {
        let failed = |step: &&Step| matches!(step.outcome, Outcome::Failed(_));
        self.steps.iter().filter(failed).count()
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// What it is about: a filesystem, a copy of a workload; empty for the whole.
    pub subject: String,
    /// What it does.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub milliseconds: u64,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "detail")]
pub enum Outcome {
    /// As it was to; with what was seen.
    Passed(String),
    /// Not tried, because …
    Skipped(String),
    /// Not as it was to, because …
    Failed(String),
}

impl Outcome {
    /// What was seen, or why not.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Passed(detail) | Self::Skipped(detail) | Self::Failed(detail) => detail,
        }
    }
}

/// What is told while it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Progress {
    /// A step begins.
    Began {
        /// As [`Step::subject`].
        subject: String,
        /// As [`Step::name`].
        name: String,
    },
    /// A step ended.
    Ended(Step),
}
