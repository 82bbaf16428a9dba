//! What a host has otherwise than planned. Pure: a plan and what was observed in, findings out.
//!
//! Each kind is a rule of the stage [`Stage::Host`](crate::rules::Stage::Host) with its page. A value that is not known
//! differs from nothing; one rule (`PB820`) tells of all that could not be found out.

mod host;
mod mount_options;

use serde::{Deserialize, Serialize};

pub use host::{
    FilesystemOnHost, Host, PlaceOnHost, VolumeOnHost, is_below, is_of_a_drill, is_undo_point,
};
pub use mount_options::{options_not_in_effect, options_not_planned};

use crate::finding::Level;
use crate::observed::Observed;
use crate::plan::Plan;
use crate::rules::{Decide, REGISTRY};

/// One thing that is otherwise than planned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Drift {
    /// The rule's code, for example `PB829`: `podman-btrfs explain PB829` prints its page.
    pub code: String,
    /// How grave it is.
    pub level: Level,
    /// What it is about: a volume, a path, a filesystem, a unit.
    pub subject: String,
    /// What is, and why that is a problem: one line.
    pub message: String,
    /// What to do: one line.
    pub help: String,
    /// Who or what mends it.
    pub remedy: Remedy,
}

/// Who or what mends a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// `podman-btrfs apply` does.
    Apply,
    /// Data must be moved while nothing uses it.
    Migrate,
    /// Only a person may decide.
    Person,
    /// Nothing is to be done.
    None,
}

impl Remedy {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Apply, Self::Migrate, Self::Person, Self::None];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Migrate => "migrate",
            Self::Person => "person",
            Self::None => "none",
        }
    }
}

/// What a rule found on a host; its code and level come from the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// What it is about.
    pub subject: String,
    /// What is, and why that is a problem: one line.
    pub message: String,
    /// What to do: one line.
    pub help: String,
    /// Who or what mends it.
    pub remedy: Remedy,
}

/// Asks every rule about the running host, in the order of their codes.
#[must_use]
pub fn drift(plan: &Plan, observed: &Observed) -> Vec<Drift> {
    let host = Host { plan, observed };
    let mut found = Vec::new();
    for rule in REGISTRY {
        let Decide::OnHost(ask) = &rule.decide else {
            continue;
        };
        let declared = plan.levels.get(rule.code).copied();
        let level = declared.filter(|_| !rule.fixed).unwrap_or(rule.level);
        if level == Level::Allow {
            continue;
        }
        found.extend(ask(&host).into_iter().map(|differs| Drift {
            code: rule.code.to_owned(),
            level,
            subject: differs.subject,
            message: differs.message,
            help: differs.help,
            remedy: differs.remedy,
        }));
    }
    found
}

impl Differs {
    /// One difference.
    pub(crate) fn new(
        subject: &(impl ToString + ?Sized),
        message: impl Into<String>,
        help: impl Into<String>,
        remedy: Remedy,
    ) -> Self {
        Self {
            subject: subject.to_string(),
            message: message.into(),
            help: help.into(),
            remedy,
        }
    }
}
