//! What is typed to plan, and to try a plan.

use std::path::PathBuf;

use clap::Args;
use podman_btrfs_core::simulate::Span;
use podman_btrfs_core::units::{ByteSize, Text as _};

use super::{Format, PlanFormat};

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
