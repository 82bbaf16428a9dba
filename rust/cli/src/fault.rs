//! What stops the command: the tool or the machine failed. What is wrong with a declaration is a finding.

use std::io::ErrorKind;
use std::path::PathBuf;

use podman_btrfs_emit::EmitError;

/// A failure of the tool or of the machine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot {what} {}: {source}", .path.display())]
    Write {
        what: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// Standard output or standard error cannot be written to.
    #[error("cannot write the output: {0}")]
    Output(#[from] std::io::Error),
    /// A plan cannot be turned into artefacts.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The host failed.
    #[error(transparent)]
    Host(#[from] podman_btrfs_host::system::Fault),
    /// Another `apply` holds the lock.
    #[error("another run is under way, and holds {}: nothing was done; try again when it has ended", .lock.display())]
    Busy { lock: PathBuf },
    /// What was named is not in the plan.
    #[error("the plan has no {what} `{name}`")]
    NotInPlan { what: &'static str, name: String },
    /// Nothing of that name was left behind.
    #[error(
        "nothing of the name `{name}` was left behind: what is declared is ended by taking it out of the declaration, and applying; without `--confirm` what was left is listed"
    )]
    NothingLeft { name: String },
    /// There is no such store of which layers are deleted.
    #[error("of the store `{name}` no leaked layers are deleted: only of `root`, the system's")]
    NoSuchStore { name: String },
    /// Steps of `apply` failed; each was told when it did.
    #[error("{failed} steps failed; what was done before them stands, and the receipt has it all")]
    StepsFailed { failed: usize },
    /// Of several group snapshots some failed; each was told when it did.
    #[error("{failed} of the snapshots failed; each was told above, and the others were taken")]
    SnapshotsFailed { failed: usize },
    /// Steps of a rehearsal failed; each was told when it did.
    #[error("{failed} of the rehearsal's steps failed; its table says why")]
    RehearsalFailed { failed: usize },
    /// A value has no JSON form.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The builder was not started by Nix, or with other attributes than its derivation needs.
    #[error("this is the builder of a Nix derivation with structured attributes, and {0}")]
    Derivation(String),
}

impl Fault {
    /// True when whoever read the output has gone.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe)
    }
}
