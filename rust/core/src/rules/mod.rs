//! Rules: every choice and every finding about a declaration, one file and one page each.
//!
//! A rule is a plain record in a static, listed once in [`REGISTRY`]. Its page is the Markdown file beside
//! it: documentation, text of `podman-btrfs explain`, and test (`tests/rule_pages.rs` runs its examples).

#![expect(
    clippy::unnecessary_wraps,
    reason = "all rules of a kind have one signature"
)]

pub mod attributes;
pub mod capacity;
mod choice;
pub mod class;
pub mod engine;
pub mod host;
pub mod layout;
pub mod protection;
mod registry;
mod run;
pub mod validity;
mod view;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use choice::{
    Alternative, Choice, Choices, EngineChoice, EngineChoices, FilesystemChoice, FilesystemChoices,
    HostChoice, HostChoices, ImageReferences, Inotify, Keys, Layout, LayoutMount, PolicyChoice,
    PolicyChoices, Processes, VolumeChoice, VolumeChoices, WorkloadChoice, WorkloadChoices,
};
pub use registry::REGISTRY;
pub use run::{Outcome, decide};
pub use view::{FilesystemView, PolicyView, VolumeView, WorkloadView};

use crate::analysis::Facts;
use crate::drift::{Differs, Host};
use crate::finding::Level;
use crate::option_path::OptionPath;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// `PB` and three digits, the first of them the stage. Never used again for another rule.
    pub code: &'static str,
    /// Kebab-case; it finishes the sentence "decided by …" or "found …".
    pub name: &'static str,
    /// When it is asked.
    pub stage: Stage,
    /// What happens when it fires, unless the declaration says otherwise.
    pub level: Level,
    /// True when the declaration cannot say otherwise: what is found makes a plan impossible.
    pub fixed: bool,
    /// The release that brought it.
    pub since: &'static str,
    /// One line, at most 72 characters.
    pub summary: &'static str,
    /// The page.
    pub page: &'static str,
    /// Experiments under `tests/proofs/` that fail when what the page claims is false.
    pub proofs: &'static [&'static str],
    /// How it decides.
    pub decide: Decide,
}

/// The order in which rules are asked; inside a stage, the order of their codes. A rule may rest on
/// decisions of rules before it only.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// 1xx: whether the declaration can be planned at all.
    Validity,
    /// 2xx: what a volume holds.
    Class,
    /// 3xx: filesystems, subvolumes, mounts.
    Layout,
    /// 4xx: mount options, attributes, properties, quotas.
    Attributes,
    /// 5xx: Podman's own storage.
    Engine,
    /// 6xx: snapshots, retention, copies.
    Protection,
    /// 7xx: sizes and numbers.
    Capacity,
    /// 8xx: the running host.
    Host,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 8] = [
        Self::Validity,
        Self::Class,
        Self::Layout,
        Self::Attributes,
        Self::Engine,
        Self::Protection,
        Self::Capacity,
        Self::Host,
    ];

    /// The directory of its rules, and the word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Validity => "validity",
            Self::Class => "class",
            Self::Layout => "layout",
            Self::Attributes => "attributes",
            Self::Engine => "engine",
            Self::Protection => "protection",
            Self::Capacity => "capacity",
            Self::Host => "host",
        }
    }

    /// The hundreds of its codes: `1` for `PB1xx`.
    #[must_use]
    pub const fn hundred(self) -> char {
        match self {
            Self::Validity => '1',
            Self::Class => '2',
            Self::Layout => '3',
            Self::Attributes => '4',
            Self::Engine => '5',
            Self::Protection => '6',
            Self::Capacity => '7',
            Self::Host => '8',
        }
    }
}

/// How a rule decides, and about what.
#[derive(Debug)]
pub enum Decide {
    /// It is found while the document is read (`spec::input`).
    WhileReading,
    /// Findings; nothing is chosen.
    Find(fn(&Facts, &Choices) -> Vec<Found>),
    /// One choice for each filesystem.
    Filesystem(fn(&FilesystemView) -> Option<Verdict<FilesystemChoice>>),
    /// One choice about the machine itself.
    Host(fn(&Facts, &Choices) -> Option<Verdict<HostChoice>>),
    /// One choice about Podman's own storage.
    Engine(fn(&Facts, &Choices) -> Option<Verdict<EngineChoice>>),
    /// One choice for each policy.
    Policy(fn(&PolicyView) -> Option<Verdict<PolicyChoice>>),
    /// One choice for each workload.
    Workload(fn(&WorkloadView) -> Option<Verdict<WorkloadChoice>>),
    /// One choice for each volume.
    Volume(fn(&VolumeView) -> Option<Verdict<VolumeChoice>>),
    /// What a running host has otherwise than planned; asked by [`crate::drift`], never while planning.
    OnHost(fn(&Host) -> Vec<Differs>),
}

/// What a rule found; its code and level come from the rule.
#[derive(Debug)]
pub struct Found {
    /// The place in the declaration.
    pub at: OptionPath,
    /// What is, and why that is a problem: one line.
    pub message: String,
    /// What to do: one line.
    pub help: String,
    /// Other places that belong to it.
    pub related: Vec<OptionPath>,
}

/// What a rule decided for one subject.
#[derive(Debug)]
pub struct Verdict<C> {
    /// The rule's choice.
    pub choice: C,
    /// Why, in one sentence without a full stop.
    pub reason: Cow<'static, str>,
    /// The facts it rests on.
    pub evidence: Vec<(&'static str, Cow<'static, str>)>,
    /// What would change it, in one sentence without a full stop.
    pub would_change: &'static str,
    /// The user's own choice, which then holds, and the option that says it.
    pub declared: Option<(C, OptionPath)>,
}

/// A fact that holds or not, for evidence.
pub(crate) fn yes_or_no(holds: bool) -> Cow<'static, str> {
    if holds { "yes".into() } else { "no".into() }
}

/// The rule with this code, in capitals or not.
#[must_use]
pub fn find(code: &str) -> Option<&'static Rule> {
    REGISTRY
        .iter()
        .copied()
        .find(|rule| rule.code.eq_ignore_ascii_case(code) || rule.name == code)
}
