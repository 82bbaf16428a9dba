//! Policies and targets as declared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Level;
use crate::units::{Duration, Fingerprint, HostPath, TargetName, TargetUrl};

/// How much may be lost, and what is kept for how long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    /// Recovery point objective: the age that the newest snapshot may reach. Absent: `1d`.
    pub rpo: Option<Duration>,
    /// What is kept on the host.
    pub keep: Keep,
    /// Where copies go.
    pub targets: Vec<TargetName>,
    /// The tool that takes and prunes the snapshots. Absent: decided.
    pub tool: Option<SnapshotTool>,
}

/// How many snapshots of each age are kept. Absent: none of that age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Keep {
    /// The first of each hour, for so many hours.
    #[schemars(range(max = 100_000))]
    pub hourly: Option<u32>,
    /// The first of each day, for so many days.
    #[schemars(range(max = 100_000))]
    pub daily: Option<u32>,
    /// The first of each week, for so many weeks.
    #[schemars(range(max = 100_000))]
    pub weekly: Option<u32>,
    /// The first of each month, for so many months.
    #[schemars(range(max = 100_000))]
    pub monthly: Option<u32>,
    /// The first of each year, for so many years.
    #[schemars(range(max = 100_000))]
    pub yearly: Option<u32>,
}

impl Keep {
    /// The shortest time between two that are kept: in seconds, and in words.
    #[must_use]
    pub fn finest(&self) -> (u64, &'static str) {
        const DAY: u64 = 24 * 60 * 60;
        [
            (self.hourly, (DAY / 24, "an hour")),
            (self.daily, (DAY, "a day")),
            (self.weekly, (7 * DAY, "a week")),
            (self.monthly, (31 * DAY, "a month")),
        ]
        .into_iter()
        .find_map(|(count, period)| count.filter(|count| *count > 0).map(|_| period))
        .unwrap_or((366 * DAY, "a year"))
    }

    /// True when nothing is kept at any age.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        [
            self.hourly,
            self.daily,
            self.weekly,
            self.monthly,
            self.yearly,
        ]
        .iter()
        .all(|count| count.unwrap_or(0) == 0)
    }
}

impl std::fmt::Display for Keep {
    /// `24 hourly, 14 daily`, or that nothing is kept.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = [
            (self.hourly, "hourly"),
            (self.daily, "daily"),
            (self.weekly, "weekly"),
            (self.monthly, "monthly"),
            (self.yearly, "yearly"),
        ];
        let kept: Vec<String> = counts
            .iter()
            .filter_map(|(number, word)| {
                Some(format!("{} {word}", number.filter(|number| *number > 0)?))
            })
            .collect();
        if kept.is_empty() {
            f.write_str("nothing older")
        } else {
            f.write_str(&kept.join(", "))
        }
    }
}

/// Tools that take, prune and send snapshots.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotTool {
    /// btrbk: snapshots, retention, and copies to targets.
    Btrbk,
    /// snapper: snapshots and retention on the host.
    Snapper,
}

impl SnapshotTool {
    /// The tool's own name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Btrbk => "btrbk",
            Self::Snapper => "snapper",
        }
    }
}

/// A place for copies that leave the filesystem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// `ssh://user@host/path`, or the absolute path of another Btrfs on this host; any filesystem where copies are encrypted.
    pub url: TargetUrl,
    /// What is kept there. Absent: what the policy keeps on the host.
    #[serde(default)]
    pub keep: TargetKeep,
    /// Set: copies lie there as files that its host cannot read, each a whole one. Absent: as subvolumes of its Btrfs.
    #[serde(default)]
    pub encryption: Option<TargetEncryption>,
}

/// Whom the copies at a target are encrypted for, by gpg (btrbk's `raw` targets). The private key is not on this host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetEncryption {
    /// The fingerprint of the key that copies are encrypted for.
    pub recipient: Fingerprint,
    /// A file on this host with that public key, as `gpg --export FINGERPRINT` writes it; btrbk's user can read it.
    pub keyring: HostPath,
}

/// What a target keeps; the same words as [`Keep`].
pub type TargetKeep = Keep;

/// What the declaration says of one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RuleOverride {
    /// What happens when the rule fires. Absent: as the rule itself says.
    pub level: Option<Level>,
}
