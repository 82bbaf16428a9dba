//! What a rule sees of its subject: the facts, and the choices of earlier stages.

use super::choice::{Choices, FilesystemChoices, VolumeChoices, WorkloadChoices};
use crate::analysis::{Facts, FilesystemFacts, PolicyFacts, VolumeFacts, WorkloadFacts};
use crate::option_path::OptionPath;

/// A filesystem.
#[derive(Clone, Copy)]
pub struct FilesystemView<'v> {
    /// All facts.
    pub facts: &'v Facts<'v>,
    /// All choices so far.
    pub chosen: &'v Choices,
    /// Position of the filesystem.
    pub index: usize,
}

impl<'v> FilesystemView<'v> {
    /// Its facts.
    #[must_use]
    pub fn this(&self) -> &'v FilesystemFacts<'v> {
        &self.facts.filesystems[self.index]
    }

    /// The choices about it so far.
    #[must_use]
    pub fn choices(&self) -> &'v FilesystemChoices {
        &self.chosen.filesystems[self.index]
    }

    /// The path of one of its options.
    #[must_use]
    pub fn option(&self, option: &str) -> OptionPath {
        OptionPath::of(["filesystems", self.this().name.as_str(), option])
    }
}

/// A policy.
#[derive(Clone, Copy)]
pub struct PolicyView<'v> {
    /// All facts.
    pub facts: &'v Facts<'v>,
    /// All choices so far.
    pub chosen: &'v Choices,
    /// Position of the policy.
    pub index: usize,
}

impl<'v> PolicyView<'v> {
    /// Its facts.
    #[must_use]
    pub fn this(&self) -> &'v PolicyFacts<'v> {
        &self.facts.policies[self.index]
    }

    /// The path of one of its options.
    #[must_use]
    pub fn option(&self, option: &str) -> OptionPath {
        OptionPath::of(["policies", self.this().name.as_str(), option])
    }
}

/// A workload.
#[derive(Clone, Copy)]
pub struct WorkloadView<'v> {
    /// All facts.
    pub facts: &'v Facts<'v>,
    /// All choices so far.
    pub chosen: &'v Choices,
    /// Position of the workload.
    pub index: usize,
}

impl<'v> WorkloadView<'v> {
    /// Its facts.
    #[must_use]
    pub fn this(&self) -> &'v WorkloadFacts<'v> {
        &self.facts.workloads[self.index]
    }

    /// The choices about it so far.
    #[must_use]
    pub fn choices(&self) -> &'v WorkloadChoices {
        &self.chosen.workloads[self.index]
    }

    /// Its volumes, each with the choices about it so far.
    pub fn volumes(&self) -> impl Iterator<Item = (&'v VolumeFacts<'v>, &'v VolumeChoices)> {
        self.this()
            .volumes
            .iter()
            .zip(&self.chosen.volumes[self.index])
    }
}

/// A volume of a workload.
#[derive(Clone, Copy)]
pub struct VolumeView<'v> {
    /// Its workload.
    pub workload: WorkloadView<'v>,
    /// Position of the volume in it.
    pub index: usize,
}

impl<'v> VolumeView<'v> {
    /// Its facts.
    #[must_use]
    pub fn this(&self) -> &'v VolumeFacts<'v> {
        &self.workload.this().volumes[self.index]
    }

    /// The choices about it so far.
    #[must_use]
    pub fn choices(&self) -> &'v VolumeChoices {
        &self.workload.chosen.volumes[self.workload.index][self.index]
    }

    /// The choices about its filesystem so far.
    #[must_use]
    pub fn filesystem(&self) -> Option<(&'v FilesystemFacts<'v>, &'v FilesystemChoices)> {
        let index = self.this().filesystem?;
        Some((
            &self.workload.facts.filesystems[index],
            &self.workload.chosen.filesystems[index],
        ))
    }

    /// True when a policy snapshots its workload and this volume with it.
    #[must_use]
    pub fn is_snapshotted(&self) -> bool {
        self.workload.this().policy.is_some() && self.choices().snapshot == Some(true)
    }

    /// The path of one of its options.
    #[must_use]
    pub fn option(&self, option: &str) -> OptionPath {
        self.workload.this().volume_at(self.this()).key(option)
    }
}
