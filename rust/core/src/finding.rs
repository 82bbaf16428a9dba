//! What is shown to the user about the user's own declaration.
//!
//! A *finding* is data: it is collected, never thrown, and ends as exit code 1 or as an assertion of
//! the NixOS module. A *fault* (the tool or the machine failed) is an error type of the crate where it
//! happens and ends as exit code 2. The two never mix.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::option_path::OptionPath;

/// What happens when a rule fires.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Silent.
    Allow,
    /// Told; nothing is wrong.
    Note,
    /// Told; the plan stands.
    Warn,
    /// The plan must not be used: the module fails the evaluation, commands end with 1.
    Error,
}

/// One thing that the user is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Diagnostic {
    /// The rule's code, for example `PB108`: `podman-btrfs explain PB108` prints its page.
    pub code: String,
    /// How grave it is.
    pub level: Level,
    /// The place in the declaration; the root when it concerns the whole.
    pub at: OptionPath,
    /// What is, and why that is a problem: one line.
    pub message: String,
    /// What to do: one line.
    pub help: String,
    /// Other places that belong to it, such as the second of two volumes that overlap.
    pub related: Vec<OptionPath>,
}

/// True when one of them is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.level == Level::Error)
}
