//! Snapshots, retention and copies as planned.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::{Keep, SnapshotTool, TargetEncryption};
use crate::units::{
    FilesystemName, HostPath, PolicyName, SubvolumePath, TargetName, TargetUrl, VolumeName,
    WorkloadName,
};

/// Who snapshots what, when, and what nobody snapshots.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProtectionPlan {
    /// One job for each policy on each filesystem where something follows it.
    pub jobs: Vec<Job>,
    /// Volumes in no snapshot, with the reason.
    pub unprotected: Vec<Unprotected>,
}

/// One tool's work for one policy on one filesystem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Job {
    /// `<policy>-<filesystem>`: the name of its btrbk instance, its units and its files.
    pub name: String,
    /// The tool.
    pub tool: SnapshotTool,
    /// The policy.
    pub policy: PolicyName,
    /// The filesystem.
    pub filesystem: FilesystemName,
    /// The mount that its subvolumes are reached through.
    pub volume_directory: HostPath,
    /// Where btrbk puts snapshots; snapper keeps its own below each subvolume.
    pub snapshot_directory: HostPath,
    /// When.
    pub schedule: Schedule,
    /// How its snapshots are spread where many would be taken at one moment; absent: they are not.
    pub spread: Option<Spread>,
    /// What is kept on the host.
    pub keep: Keep,
    /// For how many hours every snapshot is kept, whatever `keep` says.
    pub keep_all_hours: u32,
    /// What it takes.
    pub subvolumes: Vec<JobSubvolume>,
    /// Where copies go.
    pub targets: BTreeMap<TargetName, JobTarget>,
}

impl Job {
    /// The runs that it is cut into. The first has the job's name, the second `..2` behind it and so on: no declared
    /// name holds two dots in a row.
    #[must_use]
    pub fn runs(&self) -> Vec<Cow<'_, Self>> {
        let most = self.spread.map_or(usize::MAX, |spread| {
            usize::try_from(spread.subvolumes).map_or(usize::MAX, |most| most.max(1))
        });
        if self.subvolumes.len() <= most {
            return vec![Cow::Borrowed(self)];
        }
        let run = |(number, subvolumes): (usize, Vec<JobSubvolume>)| {
            Cow::Owned(Self {
                name: match number {
                    0 => self.name.clone(),
                    _ => format!("{}..{}", self.name, number + 1),
                },
                subvolumes,
                ..self.clone()
            })
        };
        self.cut(most).into_iter().enumerate().map(run).collect()
    }

    /// The subvolumes in pieces of at most so many, in their order. No copy is cut in two: where one alone has more, a
    /// piece has more.
    fn cut(&self, most: usize) -> Vec<Vec<JobSubvolume>> {
        let mut pieces: Vec<Vec<JobSubvolume>> = Vec::new();
        for copy in self.subvolumes.chunk_by(|a, b| a.copy == b.copy) {
            match pieces.last_mut() {
                Some(piece) if piece.len() + copy.len() <= most => piece.extend_from_slice(copy),
                _ => pieces.push(copy.to_vec()),
            }
        }
        pieces
    }
}

/// Who takes snapshots.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Taker {
    /// btrbk.
    Btrbk,
    /// snapper.
    Snapper,
    /// We, each group at one moment; btrbk prunes and sends them.
    PodmanBtrfs,
}

impl Taker {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Btrbk => "btrbk",
            Self::Snapper => "snapper",
            Self::PodmanBtrfs => "podman-btrfs",
        }
    }
}

impl From<SnapshotTool> for Taker {
    fn from(tool: SnapshotTool) -> Self {
        match tool {
            SnapshotTool::Btrbk => Self::Btrbk,
            SnapshotTool::Snapper => Self::Snapper,
        }
    }
}

/// One subvolume that a job snapshots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobSubvolume {
    /// Path below the top level.
    pub path: SubvolumePath,
    /// Path on the host.
    pub host_path: HostPath,
    /// Name of the snapshots' series, and of the snapper configuration.
    pub name: String,
    /// The workload whose data it holds.
    pub workload: WorkloadName,
    /// The copy of it: what is of one copy is taken, pruned and sent together.
    pub copy: String,
    /// Who takes its snapshots; the job's tool prunes and sends them.
    pub taken_by: Taker,
}

/// A target of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobTarget {
    /// As declared.
    pub url: TargetUrl,
    /// What is kept there.
    pub keep: Keep,
    /// Whom its copies are encrypted for; absent: they lie there as subvolumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<TargetEncryption>,
}

/// When a job runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
    /// systemd calendar expression (`systemd.time(7)`).
    pub on_calendar: String,
    /// The longest time between two runs, in seconds; never more than the policy's RPO.
    pub interval_seconds: u64,
}

/// A job in several runs that start at different times, each by the same delay every time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spread {
    /// The longest that a run starts after the job's time.
    pub seconds: u64,
    /// The most subvolumes that one run takes; more only where one copy of a workload has more.
    pub subvolumes: u64,
}

/// A volume that no snapshot holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Unprotected {
    /// The workload.
    pub workload: WorkloadName,
    /// The volume.
    pub volume: VolumeName,
    /// Why.
    pub reason: String,
}
