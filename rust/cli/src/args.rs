//! What can be typed. Nothing is done here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use podman_btrfs_core::simulate::Span;
use podman_btrfs_core::units::{ByteSize, ContainerName, ImageReference, Text as _, WorkloadName};
use podman_btrfs_core::upkeep::Task;
use podman_btrfs_host::group::record::Reason;

const RECEIPTS: &str = "/var/lib/podman-btrfs/receipts";

/// Decides how Btrfs holds Podman workloads, says why, and keeps it true
#[derive(Debug, Parser)]
#[command(
    name = "podman-btrfs",
    version,
    after_help = "Exit codes: 0 fine, 1 findings or drift, 2 the tool or the machine failed."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Plan a declaration: layout, mounts, schedules, and the reasons
    Plan(PlanArguments),
    /// Tell what is wrong with a declaration, all of it at once
    Check(CheckArguments),
    /// Print a rule's page, or why each choice about a subject was made
    Explain(ExplainArguments),
    /// Tell what would change on the host between two declarations or plans, and what is dangerous in it
    Diff(DiffArguments),
    /// Print the JSON Schema of declarations or of plans
    Schema {
        /// Of what
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Make what a plan says and this host lacks; look before each step
    Apply(ApplyArguments),
    /// List what was left behind by workloads and volumes that are no longer declared, or delete it by its name
    Retire(RetireArguments),
    /// Move a volume's data to where it is planned, or make it anew with its planned attributes; what uses it stops shortly
    Migrate(MigrateArguments),
    /// Move Podman's store of root to the planned driver: images, volumes and secrets; its containers stop shortly
    MigrateStore(MigrateStoreArguments),
    /// Podman on a store that is not in its place yet, in a mount namespace of its own
    #[command(name = podman_btrfs_host::migrate::store::INSIDE, hide = true)]
    MigrateStoreInside(InsideArguments),
    /// Put what a snapshot holds in place of a workload's data, or beside it, or single files of it; keep what was there
    Restore(RestoreArguments),
    /// Bring all workloads of a lost host back from a target to a new one that has none of their data; replace nothing
    Recover(RecoverArguments),
    /// Take the last restore of a workload back, or the last undo
    Undo(UndoArguments),
    /// Restore the newest snapshot of workloads into a throw-away place, here or from a target, and prove that it comes back
    Drill(DrillArguments),
    /// Replace the image that a workload runs; where the new one does not do, put the old image and the old data back together
    Update(UpdateArguments),
    /// Tell what this host has otherwise than planned, and who or what mends it; change nothing
    Doctor(DoctorArguments),
    /// Tell what copies lie at each target, whether the next send can be a difference, and what is wrong with them
    Copies(CopiesArguments),
    /// Show what is there and what it takes: by filesystem, workload and volume, with snapshots, growth and time to full
    Status(StatusArguments),
    /// Tell whether what containers mount lies where it was planned, as their units ask before each start
    Verify(VerifyArguments),
    /// Print what a monitoring system is told of this host: space, errors, ages of snapshots, the last `apply`
    Metrics(MetricsArguments),
    /// Scrub, trim or balance one filesystem, as the plan's timers do; a balance only as far as it is needed
    Upkeep(UpkeepArguments),
    /// Take a snapshot of all volumes of a workload at one moment, its applications quiesced as the plan says
    Snapshot(SnapshotArguments),
    /// Let everything go on that a snapshot which was ended in the middle left standing still
    Thaw(ThawArguments),
    /// The process that lets containers go on when `snapshot` dies
    #[command(hide = true)]
    WatchFreeze {
        /// Where the file of what stands still is
        work_directory: PathBuf,
        /// The identity of the group snapshot
        id: String,
    },
    /// Propose safe steps where a filesystem is full, in the order in which they can be taken, or take one of them
    Emergency(EmergencyArguments),
    /// Play the whole life of a declaration on a throw-away Btrfs, with real containers (as root)
    Rehearse(RehearseArguments),
    /// The inner part of a rehearsal, in namespaces of its own
    #[command(name = podman_btrfs_host::rehearse::INSIDE, hide = true)]
    RehearseInside,
    /// Print completions for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the man page
    #[command(hide = true)]
    Man,
    /// Ask a model that plans rest on, as checks do that compare it with the real tools: JSON in, JSON out
    #[command(hide = true)]
    Model,
    /// Plan inside a Nix derivation, of which this program is the builder
    #[command(hide = true)]
    Build {
        /// What the derivation makes
        #[arg(value_enum)]
        what: BuildWhat,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    /// The declaration: a `.nix` or `.json` file, or `-` for standard input
    pub(crate) file: PathBuf,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub(crate) format: PlanFormat,
    /// Write all artefacts into this directory, and print where
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Show a simulated year instead, or so many days: snapshots taken and kept, what they hold, when it is full
    #[arg(
        long,
        value_name = "DAYS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "366",
        value_parser = clap::value_parser!(u32).range(1..=3660),
        conflicts_with = "out"
    )]
    pub(crate) simulate: Option<u32>,
    /// The first day of the simulation
    #[arg(long, value_name = "DATE", default_value = "2027-01-01", requires = "simulate", value_parser = begin)]
    pub(crate) from: Span,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The declaration: a `.nix` or `.json` file, or `-` for standard input
    pub(crate) file: PathBuf,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// A rule's code or name (`PB301`), or a subject: `shop`, `shop/pgdata`, `engine`, the name of a filesystem or policy
    pub(crate) subject: String,
    /// The declaration that the subject is in
    pub(crate) file: Option<PathBuf>,
    /// The same as FILE
    #[arg(long = "file", value_name = "FILE", conflicts_with = "file")]
    pub(crate) named_file: Option<PathBuf>,
    /// How to print the chain, or the page
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing differs, or nothing that needs anybody; 1 something needs a move of data, is dangerous or irreversible, or a declaration has mistakes; 2 the tool or the machine failed."
)]
pub(crate) struct DiffArguments {
    /// What holds now: a declaration (`.nix`, `.json`), a `plan.json` or a `bundle.json`; `-` for standard input
    pub(crate) old: PathBuf,
    /// What would hold: the same kinds of files
    pub(crate) new: PathBuf,
    /// How to print the differences
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

// What every command takes that changes what the ledger speaks of.
#[derive(Debug, Args)]
pub(crate) struct WorkArguments {
    /// Where filesystems are mounted for the time of the run, and the lock is that keeps two runs apart
    #[arg(long, value_name = "DIR", default_value = "/run/podman-btrfs")]
    pub(crate) work_directory: PathBuf,
}

// What every command takes that reads targets.
#[derive(Debug, Args)]
pub(crate) struct ReachArguments {
    /// The key that ssh logs in with [default: `ssh_identity` of btrbk's configuration, else as ssh finds it]
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Where btrbk's configurations are
    #[arg(long, value_name = "DIR", default_value = "/etc/btrbk")]
    pub(crate) btrbk: PathBuf,
}

// What every command takes that deletes or exchanges what nobody may be using.
#[derive(Debug, Args)]
pub(crate) struct UsersArguments {
    /// A process by name that does not use it, where it may not be looked at what that one has open; may be given several times
    #[arg(long, value_name = "PROCESS")]
    pub(crate) not_used_by: Vec<String>,
}

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
    /// Where it is noted when each target was last seen
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

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it lies as planned; 1 it was refused: something has to be seen to first, and all is as it was; 2 the tool or the machine failed. A run that was ended anywhere is gone on with by the same command."
)]
pub(crate) struct MigrateArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The volume: `shop/pgdata`, of a further copy `shop@2/pgdata`
    #[arg(value_name = "WORKLOAD/VOLUME")]
    pub(crate) volume: String,
    /// Where its data lies, where `apply` did not put it: for example the `_data` of a volume of Docker
    #[arg(long, value_name = "PATH", conflicts_with = "from_podman_volume")]
    pub(crate) from: Option<PathBuf>,
    /// A named volume of Podman that holds its data; Podman is asked for the path
    #[arg(long, value_name = "NAME")]
    pub(crate) from_podman_volume: Option<String>,
    /// The user whose Podman has that volume
    #[arg(long, value_name = "USER", requires = "from_podman_volume")]
    pub(crate) of_user: Option<String>,
    /// A unit that uses it besides those of the plan's containers; may be given several times
    #[arg(long = "unit", value_name = "UNIT", value_parser = unit)]
    pub(crate) units: Vec<String>,
    #[command(flatten)]
    pub(crate) users: UsersArguments,
    /// Only look, and say what it takes: bytes, room, time, units that are stopped
    #[arg(long, conflicts_with_all = ["forget_source", "abandon"])]
    pub(crate) dry_run: bool,
    /// How many days the source is kept
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(0..=3660))]
    pub(crate) keep: u32,
    /// Delete the sources of earlier moves whose days are over
    #[arg(long, conflicts_with_all = ["from", "from_podman_volume", "abandon"])]
    pub(crate) forget_source: bool,
    /// Give up a move that is begun and not made, and delete its copy
    #[arg(long, conflicts_with_all = ["from", "from_podman_volume"])]
    pub(crate) abandon: bool,
    /// Where the ledger is, and in `migrations` the journals
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 the store has the planned driver; 1 it was refused: something has to be seen to first, and all is as it was; 2 the tool or the machine failed. A run that was ended anywhere is gone on with by the same command."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that is given or not by itself"
)]
pub(crate) struct MigrateStoreArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The user whose store it is, in place of root: refused, with what to do
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// A unit that uses the store besides those of the plan's containers; may be given several times
    #[arg(long = "unit", value_name = "UNIT", value_parser = unit)]
    pub(crate) units: Vec<String>,
    #[command(flatten)]
    pub(crate) users: UsersArguments,
    /// Leave containers that no unit makes anew, and what was written in them, in the old store
    #[arg(long)]
    pub(crate) leave_containers: bool,
    /// Only look, and say what it takes: images, bytes, room, time, units that are stopped, containers that are left
    #[arg(long, conflicts_with_all = ["forget_source", "abandon"])]
    pub(crate) dry_run: bool,
    /// How many days the old store is kept
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(0..=3660))]
    pub(crate) keep: u32,
    /// Delete the old stores of earlier moves whose days are over
    #[arg(long, conflicts_with = "abandon")]
    pub(crate) forget_source: bool,
    /// Give up a move that is begun and not made, and delete the new store
    #[arg(long)]
    pub(crate) abandon: bool,
    /// Where the journals are, in `migrations`
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct InsideArguments {
    /// Where the store appears
    pub(crate) graph_root: PathBuf,
    /// Where it lies
    pub(crate) staging: PathBuf,
    /// Podman's `runroot`
    pub(crate) run_root: PathBuf,
    /// What Podman is to do
    #[arg(last = true)]
    pub(crate) arguments: Vec<String>,
}

// What restore and undo take alike.
#[derive(Debug, Args)]
pub(crate) struct RestoringArguments {
    /// How many days what is replaced is kept, and can be put back by `undo`
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(0..=3660))]
    pub(crate) keep_undo: u32,
    /// How many seconds containers that check their own health have to become healthy; else it goes back
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(0..=86400))]
    pub(crate) wait: u64,
    /// A unit that uses it besides those of the plan's containers; may be given several times
    #[arg(long = "unit", value_name = "UNIT", value_parser = unit)]
    pub(crate) units: Vec<String>,
    #[command(flatten)]
    pub(crate) users: UsersArguments,
    /// Only look, and say what would be done: units stopped, what is replaced, what is lost, where it is kept
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Where the ledger is, and in `restores` the journals
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    #[command(flatten)]
    pub(crate) reach: ReachArguments,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 restored, or listed; 1 it was refused, or what was stopped did not come up: all is as it was; 2 the tool or the machine failed. A run that was ended anywhere is gone on with by the same command."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that can be typed; `commands::restore` makes one choice of them"
)]
pub(crate) struct RestoreArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The workload, of a further copy `shop@2`; only `--forget-undo` goes without: then of all
    #[arg(value_name = "WORKLOAD", required_unless_present = "forget_undo")]
    pub(crate) workload: Option<String>,
    /// A single volume; may be given several times
    #[arg(long = "volume", value_name = "VOLUME")]
    pub(crate) volumes: Vec<String>,
    /// The newest point not after this: `2026-11-27 07:00`, `2026-11-27` (its end), RFC 3339, `2h ago`
    #[arg(long, value_name = "TIME", conflicts_with = "snapshot")]
    pub(crate) at: Option<String>,
    /// A point by its name, as `--list` shows it, or a snapshot's whole name
    #[arg(long, value_name = "ID")]
    pub(crate) snapshot: Option<String>,
    /// A target of the plan that it comes from, in place of this host
    #[arg(long, value_name = "TARGET")]
    pub(crate) from: Option<String>,
    /// Restore beside what is in use, under this name: nothing is stopped and nothing replaced
    #[arg(long = "as", value_name = "NAME", value_parser = workload, conflicts_with_all = ["files", "dry_run"])]
    pub(crate) under: Option<WorkloadName>,
    /// Restore only these files and directories, by their paths inside the volume; what is there is kept beside them
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with = "dry_run")]
    pub(crate) files: Vec<String>,
    /// Into this directory, in place of where they were
    #[arg(long, value_name = "DIR", requires = "files")]
    pub(crate) to: Option<PathBuf>,
    /// List the points that can be restored
    #[arg(long, conflicts_with_all = ["files", "under", "forget_undo", "continue_begun", "abandon"])]
    pub(crate) list: bool,
    /// End a restore that was begun, whatever it was
    #[arg(long = "continue", conflicts_with_all = ["files", "under", "forget_undo", "abandon"])]
    pub(crate) continue_begun: bool,
    /// Give up a restore that is begun and not made, and delete what was made for it
    #[arg(long, conflicts_with_all = ["files", "under", "forget_undo"])]
    pub(crate) abandon: bool,
    /// Delete what restores replaced and whose days are over
    #[arg(long, conflicts_with_all = ["files", "under"])]
    pub(crate) forget_undo: bool,
    #[command(flatten)]
    pub(crate) restoring: RestoringArguments,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all is back, or would come back; 1 a workload is not back, or does not run, which was told; 2 the tool or the machine failed before anything was done. A run that was ended anywhere is gone on with by the same command, and what is back is not brought again."
)]
pub(crate) struct RecoverArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// Only these workloads, of a further copy `shop@2`
    #[arg(value_name = "WORKLOAD")]
    pub(crate) workloads: Vec<String>,
    /// The target of the plan that they come from
    #[arg(long, value_name = "TARGET")]
    pub(crate) from: String,
    /// Of each the newest point not after this, as for `restore`
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Also where data is already: for what containers began anew on this host; it is kept, and `undo` puts it back
    #[arg(long)]
    pub(crate) replace_fresh: bool,
    /// It is as it is to be that the target has nothing whole of some
    #[arg(long)]
    pub(crate) allow_missing: bool,
    #[command(flatten)]
    pub(crate) restoring: RestoringArguments,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it is as before; 1 it was refused, or what was stopped did not come up: all is as it was; 2 the tool or the machine failed."
)]
pub(crate) struct UndoArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The workload, of a further copy `shop@2`
    #[arg(value_name = "WORKLOAD")]
    pub(crate) workload: String,
    #[command(flatten)]
    pub(crate) restoring: RestoringArguments,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 proven; 1 something was found, or it was refused; 2 the tool or the machine failed. What a run that was ended in the middle left is deleted by the next."
)]
pub(crate) struct DrillArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// Workloads, of further copies `shop@2` [default: all that have snapshots]
    #[arg(value_name = "WORKLOAD")]
    pub(crate) copies: Vec<String>,
    /// A target of the plan that it comes from, in place of this host
    #[arg(long, value_name = "TARGET")]
    pub(crate) from: Option<String>,
    /// This host, and then each target that a workload is sent to
    #[arg(long, conflicts_with = "from")]
    pub(crate) everywhere: bool,
    /// Only delete what a drill left that was ended in the middle
    #[arg(long, conflicts_with_all = ["copies", "from", "everywhere", "dry_run"])]
    pub(crate) clear: bool,
    /// How many seconds an engine has until it answers
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub(crate) wait: u64,
    /// Only look: which point, how old, what would be read and asked
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Where the records are: what came of it is kept in `drills.json`
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    #[command(flatten)]
    pub(crate) reach: ReachArguments,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 updated, or nothing to do; 1 it was refused, or the new image did not do: the old image runs on the old data; 2 the tool or the machine failed. A run that was ended anywhere is gone on with by `--resume`, or by the same command."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that can be typed; `commands::update` makes one choice of them"
)]
pub(crate) struct UpdateArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The workload, of a further copy `shop@2`
    #[arg(value_name = "WORKLOAD", required_unless_present_any = ["auto", "resume"], conflicts_with_all = ["auto", "resume"])]
    pub(crate) workload: Option<String>,
    /// Another image for a container than the newest one of its reference; may be given several times, and only these are updated
    #[arg(long = "image", value_name = "CONTAINER=IMAGE", value_parser = container_image, requires = "workload")]
    pub(crate) images: Vec<(ContainerName, ImageReference)>,
    /// Take what the references mean on this host, and pull nothing
    #[arg(long)]
    pub(crate) no_pull: bool,
    /// For how many seconds the new image is watched; what fails in them goes back
    #[arg(long, value_name = "SECONDS", default_value_t = 90, value_parser = clap::value_parser!(u64).range(0..=86400))]
    pub(crate) health_window: u64,
    /// Instead, every workload with a container that is labelled for `podman auto-update`
    #[arg(long)]
    pub(crate) auto: bool,
    /// Instead, end what was begun, or give it up where nothing was changed
    #[arg(long, conflicts_with = "auto")]
    pub(crate) resume: bool,
    /// Take the last update of the workload back, image and data
    #[arg(long, conflicts_with_all = ["images", "no_pull", "dry_run"])]
    pub(crate) back: bool,
    /// Only look, and say what would be done
    #[arg(long, conflicts_with_all = ["auto", "resume"])]
    pub(crate) dry_run: bool,
    /// How many days what a failed image left is kept
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(0..=3660))]
    pub(crate) keep_undo: u32,
    /// A unit that uses it besides those of the plan's containers; may be given several times
    #[arg(long = "unit", value_name = "UNIT", value_parser = unit)]
    pub(crate) units: Vec<String>,
    #[command(flatten)]
    pub(crate) users: UsersArguments,
    /// Where the ledger is, and in `updates` the journals
    #[arg(long, value_name = "DIR", default_value = RECEIPTS)]
    pub(crate) receipts: PathBuf,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

fn container_image(text: &str) -> Result<(ContainerName, ImageReference), String> {
    let (container, image) = text.split_once('=').ok_or_else(|| {
        "a container and an image, as in `shop-db=docker.io/library/postgres:18`".to_owned()
    })?;
    Ok((
        ContainerName::parse(container)?,
        ImageReference::parse(image)?,
    ))
}

fn workload(text: &str) -> Result<WorkloadName, String> {
    WorkloadName::parse(text)
}

/// A unit's name with its ending, or `systemctl` would take it for a pattern or another unit.
fn unit(text: &str) -> Result<String, String> {
    let parsed = podman_btrfs_core::units::UnitName::parse(text);
    parsed.map(|name| name.to_string())
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

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 taken, or unchanged; 1 one was not taken, or a hook failed and it shows less than it was to, which was told; 2 the tool or the machine failed."
)]
pub(crate) struct SnapshotArguments {
    /// The plan, as `plan --out` writes it: `plan.json`
    pub(crate) plan: PathBuf,
    /// The workload: `shop`, of a further copy `shop@2`
    #[arg(value_name = "WORKLOAD", required_unless_present = "job")]
    pub(crate) copy: Option<String>,
    /// Instead, what a run of the plan's jobs has this program take, one workload after another
    #[arg(long, value_name = "RUN", conflicts_with = "copy")]
    pub(crate) job: Option<String>,
    /// Why, as the snapshot says later: one word [default: by-hand, with --job schedule]
    #[arg(long, value_name = "WORD", value_parser = Reason::parse)]
    pub(crate) reason: Option<Reason>,
    /// With --job: also where nothing changed since the newest snapshot
    #[arg(long, requires = "job")]
    pub(crate) always: bool,
    /// Only look, and say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing stands still any more; 1 something does, which was told; 2 the tool or the machine failed."
)]
pub(crate) struct ThawArguments {
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    /// How to print what went on
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct RehearseArguments {
    /// The declaration: a `.nix` or `.json` file, or `-` for standard input
    pub(crate) file: PathBuf,
    /// Size of each disk image; images are sparse
    #[arg(long, default_value = "4G", value_parser = size)]
    pub(crate) size: ByteSize,
    /// At most so many copies of each workload are run; the layout is made for all
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) replicas: u32,
    /// Only make the layout, make it again and look at it: no container is run, and no Podman needed
    #[arg(long)]
    pub(crate) layout_only: bool,
    /// Keep the disk images, and print where they are
    #[arg(long)]
    pub(crate) keep: bool,
    /// Where the disk images are, as files without names unless kept [default: $TMPDIR, or /var/tmp]
    #[arg(long, value_name = "DIR")]
    pub(crate) images: Option<PathBuf>,
    /// How to print what was seen
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

fn begin(text: &str) -> Result<Span, String> {
    Span::default()
        .beginning(text)
        .ok_or_else(|| "a date is written as 2027-01-31".to_owned())
}

fn size(text: &str) -> Result<ByteSize, String> {
    ByteSize::parse(text)
}

/// How output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For the NixOS module: the plan with values of NixOS options, to commit as its `planFile`
    Bundle,
}

impl From<PlanFormat> for Format {
    /// How findings are written where there is no plan to write.
    fn from(format: PlanFormat) -> Self {
        match format {
            PlanFormat::Text => Self::Text,
            PlanFormat::Json | PlanFormat::Bundle => Self::Json,
        }
    }
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Declarations
    Spec,
    /// Plans
    Plan,
}

/// What a derivation makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BuildWhat {
    /// The plan of its `spec` with the values of NixOS options, whatever the plan says
    Plan,
    /// Nothing, if `planFile` is that
    Check,
}
