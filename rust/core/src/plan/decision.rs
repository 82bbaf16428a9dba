//! One choice, as the plan records it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::option_path::{OptionPath, Step};

/// What a decision is about: `filesystem tank`, `shop/pgdata`, `engine`.
///
/// The text is what `podman-btrfs explain` takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Subject {
    /// A filesystem.
    Filesystem(String),
    /// The machine itself.
    Host,
    /// Podman's own storage.
    Engine,
    /// A policy.
    Policy(String),
    /// A workload.
    Workload(String),
    /// A volume: workload and volume.
    Volume(String, String),
}

impl Subject {
    /// The subject that a place in the declaration belongs to; the engine for what belongs to none.
    #[must_use]
    pub fn about(at: &OptionPath) -> Self {
        let step = |index: usize| match at.0.get(index) {
            Some(Step::Key(key)) => key.clone(),
            Some(Step::Index(_)) | None => String::new(),
        };
        match (step(0).as_str(), step(1), step(2).as_str(), step(3)) {
            ("filesystems", name, ..) if !name.is_empty() => Self::Filesystem(name),
            ("policies", name, ..) if !name.is_empty() => Self::Policy(name),
            ("workloads", name, "volumes", volume) if !volume.is_empty() => {
                Self::Volume(name, volume)
            }
            ("workloads", name, ..) if !name.is_empty() => Self::Workload(name),
            _ => Self::Engine,
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Filesystem(name) => write!(f, "filesystem {name}"),
            Self::Host => f.write_str("host"),
            Self::Engine => f.write_str("engine"),
            Self::Policy(name) => write!(f, "policy {name}"),
            Self::Workload(name) => f.write_str(name),
            Self::Volume(workload, volume) => write!(f, "{workload}/{volume}"),
        }
    }
}

/// One chosen value, with what led to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decision {
    /// Code of the rule that decided.
    pub rule: Cow<'static, str>,
    /// What it is about.
    pub subject: Subject,
    /// Which property was decided: `copyOnWrite`, `compression`, `driver` …
    pub field: Cow<'static, str>,
    /// The value in effect.
    pub value: serde_json::Value,
    /// Why, in one sentence.
    pub reason: Cow<'static, str>,
    /// The facts it rests on, by name.
    pub evidence: BTreeMap<Cow<'static, str>, Cow<'static, str>>,
    /// What would change it, in one sentence.
    pub would_change: Cow<'static, str>,
    /// The user's own choice, where there is one; `value` is then the user's.
    #[serde(rename = "override")]
    pub overridden: Option<Override>,
}

/// A user's choice in place of a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Override {
    /// The option that says so.
    pub at: OptionPath,
    /// What the rule would have chosen.
    pub decided: serde_json::Value,
}
