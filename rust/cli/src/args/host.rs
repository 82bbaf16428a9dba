//! What is typed to make a host so, to look at it and to keep it so.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use podman_btrfs_core::upkeep::Task;

use super::{Format, RECEIPTS, ReachArguments, UsersArguments, WorkArguments};

#[derive(Debug, Args)]
pub(crate) struct ApplyArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// Only look, and say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Where the record of the run is kept
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// This filesystem is another one than before, on purpose: what lay on the former one is forgotten, and volumes begin empty
    #[arg(long, value_name = "FILESYSTEM")]
    pub(crate) replaced: Vec<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 deleted, or listed; 1 something is not deleted, and why was told; 2 nothing of that name was left, or the tool or the machine failed."
)]
pub(crate) struct RetireArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// What to delete of it: a workload (`shop`) or one volume (`shop/pgdata`), of leaked layers `root`; without this, it is listed
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    /// Layers of the system's store that Podman no longer knows (btrfs driver), instead of what was left
    #[arg(long, conflicts_with = "now")]
    pub(crate) leaked_layers: bool,
    /// Do not wait for the end of its grace time
    #[arg(long)]
    pub(crate) now: bool,
    /// Only look, and say what would be deleted
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) users: UsersArguments,
    /// Where the ledger is, and the record of the run is kept
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// How to print what is there, or what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is full, or the step was taken; 1 something is full or not known, or the step was refused; 2 the tool or the machine failed. Nothing is written to the filesystem in question."
)]
pub(crate) struct EmergencyArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The filesystem's name in the plan
    pub(crate) filesystem: String,
    /// Take this step, by its name; without this, nothing is done
    #[arg(long, value_name = "STEP")]
    pub(crate) take: Option<String>,
    #[command(flatten)]
    pub(crate) users: UsersArguments,
    /// Where the ledger is, and the record of the step is kept; where that is full too, below the work directory
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all is as planned, or only notes tell of something; 1 something is otherwise, or could not be found out; 2 the tool or the machine failed."
)]
pub(crate) struct DoctorArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Where the records of `apply` are kept
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is wrong, or only notes tell of something; 1 something is, or a target is away; 2 the tool or the machine failed."
)]
pub(crate) struct CopiesArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// Only this target of the plan; without it, all
    pub(crate) target: Option<String>,
    /// Only tell whether this run of btrbk may begin: not where what lies here began after the copies at a target and continues none of them
    #[arg(long, value_name = "RUN", conflicts_with_all = ["target", "fetch", "begin_anew"])]
    pub(crate) may_run: Option<String>,
    /// Of this workload what lies here is meant to have begun anew: it is sent, and the older copies are thinned as declared
    #[arg(long, value_name = "WORKLOAD", conflicts_with_all = ["target", "fetch"])]
    pub(crate) begin_anew: Option<String>,
    /// Bring this copy of the target here, whole or not at all
    #[arg(long, value_name = "COPY", requires_all = ["target", "into"])]
    pub(crate) fetch: Option<String>,
    /// The directory of a Btrfs here that it is brought into, under its own name
    #[arg(long, value_name = "DIR", requires = "fetch")]
    pub(crate) into: Option<PathBuf>,
    /// Send only the difference from this copy of the target, which lies in DIR too
    #[arg(long, value_name = "COPY", requires = "fetch")]
    pub(crate) parent: Option<String>,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) reach: ReachArguments,
    /// Where it is noted when each target was last seen, and what is meant to have begun anew
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything is known, 1 something could not be found out (it is shown as unknown, and why), 2 the tool or the machine failed."
)]
pub(crate) struct StatusArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// How to print what is there
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Record the sizes too, in `space.jsonl` beside the receipts: what growth is worked out from
    #[arg(long)]
    pub(crate) record: bool,
    /// Where the records of `apply`, the ledger and the sizes by day are
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all lies where it was planned, 1 something does not, 2 it cannot be found out."
)]
pub(crate) struct VerifyArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The containers to look at; none: all
    #[arg(value_name = "CONTAINER")]
    pub(crate) containers: Vec<String>,
    /// Where receipts are, and in `updates` what tells of an update that was ended in the middle
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything is known, 1 something could not be found out (its values are absent), 2 the tool or the machine failed."
)]
pub(crate) struct MetricsArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// Write them into this file, whole or not at all: for the textfile collector of node_exporter it ends in `.prom`
    #[arg(long, value_name = "FILE")]
    pub(crate) textfile: Option<PathBuf>,
    /// Where the records of `apply` are kept
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, or there was nothing to do; 1 something is for a person to see to; 2 the tool or the machine failed."
)]
pub(crate) struct UpkeepArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The filesystem's name in the plan
    pub(crate) filesystem: String,
    /// What is done
    #[arg(value_enum)]
    pub(crate) task: UpkeepTask,
    /// Where the locks are, one for each filesystem: of two tasks the second one waits
    #[arg(long, value_name = "DIR", default_value = "/run/podman-btrfs-upkeep")]
    pub(crate) locks: PathBuf,
}

/// Regular work on a filesystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UpkeepTask {
    /// Read everything, hold it against its checksums, and heal what has a good copy
    Scrub,
    /// Tell the device which blocks are free
    Trim,
    /// Give back chunks of data that are mostly empty, if unallocated space runs low
    Balance,
}

impl From<UpkeepTask> for Task {
    fn from(task: UpkeepTask) -> Self {
        match task {
            UpkeepTask::Scrub => Self::Scrub,
            UpkeepTask::Trim => Self::Trim,
            UpkeepTask::Balance => Self::Balance,
        }
    }
}
