//! What can be typed. Nothing is done here.

mod host;
mod moving;
mod planning;
mod protecting;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use podman_btrfs_core::units::{Text as _, WorkloadName};

pub(crate) use host::*;
pub(crate) use moving::*;
pub(crate) use planning::*;
pub(crate) use protecting::*;

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
    /// Where gpg finds the private key that encrypted copies are read with [default: root's own]
    #[arg(long, value_name = "DIR")]
    pub(crate) gnupg_home: Option<PathBuf>,
}

// What every command takes that deletes or exchanges what nobody may be using.
#[derive(Debug, Args)]
pub(crate) struct UsersArguments {
    /// A process by name that does not use it, where it may not be looked at what that one has open; may be given several times
    #[arg(long, value_name = "PROCESS")]
    pub(crate) not_used_by: Vec<String>,
}

fn workload(text: &str) -> Result<WorkloadName, String> {
    WorkloadName::parse(text)
}

/// A unit's name with its ending, or `systemctl` would take it for a pattern or another unit.
fn unit(text: &str) -> Result<String, String> {
    let parsed = podman_btrfs_core::units::UnitName::parse(text);
    parsed.map(|name| name.to_string())
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
