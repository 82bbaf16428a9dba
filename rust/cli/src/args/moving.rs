//! What is typed to move data that is in use.

use std::path::PathBuf;

use clap::Args;

use super::{Format, RECEIPTS, UsersArguments, WorkArguments, unit};

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
