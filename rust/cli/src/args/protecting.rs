//! What is typed to take snapshots, to bring them back, and to replace images with a way back.

use std::path::PathBuf;

use clap::Args;
use podman_btrfs_core::units::{ContainerName, ImageReference, Text as _, WorkloadName};
use podman_btrfs_host::group::record::Reason;

use super::{Format, RECEIPTS, ReachArguments, UsersArguments, WorkArguments, unit, workload};

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
