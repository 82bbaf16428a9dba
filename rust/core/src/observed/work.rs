//! Commands that were begun on a host and have not ended.

use serde::{Deserialize, Serialize};

/// A command of this program that changes data in several steps, and was begun.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BegunWork {
    /// Of which kind it is.
    pub task: Task,
    /// Whose data it changes: copies of workloads, a volume, or a store.
    pub of: String,
    /// The part of the work that was begun last, as its journal calls it.
    pub stage: String,
}

/// A command that keeps a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// `migrate`
    Migrate,
    /// `migrate-store`
    MigrateStore,
    /// `restore`, and `undo`
    Restore,
    /// `update`
    Update,
}

impl BegunWork {
    /// What it is, as `the update of shop`.
    #[must_use]
    pub fn shown(&self) -> String {
        let what = match self.task {
            Task::Migrate => "the move",
            Task::MigrateStore => "the move of the store",
            Task::Restore => "the restore",
            Task::Update => "the update",
        };
        format!("{what} of {}", self.of)
    }

    /// The command that ends it.
    #[must_use]
    pub fn ended_by(&self) -> String {
        match self.task {
            Task::Migrate => format!("podman-btrfs migrate PLAN {}", self.of),
            Task::MigrateStore => "podman-btrfs migrate-store PLAN".to_owned(),
            Task::Restore => format!("podman-btrfs restore PLAN {} --continue", self.of),
            Task::Update => "podman-btrfs update PLAN --resume".to_owned(),
        }
    }
}
