//! The plan: everything that follows from a declaration, with every decision and its reason.
//!
//! It is complete (no artefact and no action needs the declaration again), ordered, and the same bytes
//! for the same declaration on every machine.

pub(crate) mod build;
mod coverage;
mod decision;
mod density;
mod engine;
mod filesystem;
mod group;
mod images;
mod protection;
mod upkeep;
mod workload;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use build::build;
pub(crate) use build::{target_directory, target_subvolume};
pub use coverage::{Cover, Covered, Stored, UsedBy, Without};
pub use decision::{Decision, Override, Subject};
pub use density::{Demand, DensityPlan, Resource};
pub use engine::{ContainersConf, EnginePlan, StorageConf, StorageFiles, StorePlan};
pub use filesystem::{
    BootPartition, FilesystemOrigin, FilesystemPlan, Mount, MountRole, QuotaMode, Subvolume,
    SubvolumeRole, SwapFile,
};
pub use group::{
    GroupContainer, GroupDump, GroupEngine, GroupHook, GroupMember, GroupOccasions, GroupPlan,
};
pub use images::{ImagePull, ImagesPlan, Runs};
pub use protection::{
    Job, JobSubvolume, JobTarget, ProtectionPlan, Schedule, Spread, Taker, Unprotected,
};
pub use upkeep::UpkeepPlan;
pub use workload::{
    Instance, Moment, NamedVolume, Placement, PlannedContainer, PlannedPod, UsedVolume, VolumePlan,
    WorkloadPlan,
};

use crate::finding::{Diagnostic, Level};
use crate::units::{FilesystemName, UserName, WorkloadName};

/// The version of the plan's format.
pub const PLAN_VERSION: u32 = 1;

/// Everything that follows from a declaration.
///
/// With an error among the diagnostics everything else is empty: a plan that must not be used
/// cannot be used by mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// Version of this format.
    pub plan_version: u32,
    /// What the user is told, errors first.
    pub diagnostics: Vec<Diagnostic>,
    /// Filesystems: mounts, subvolumes, profiles.
    pub filesystems: BTreeMap<FilesystemName, FilesystemPlan>,
    /// Podman's stores.
    pub engine: EnginePlan,
    /// Workloads: where each volume lies and what it is given.
    pub workloads: BTreeMap<WorkloadName, WorkloadPlan>,
    /// Snapshots, retention, copies.
    pub protection: ProtectionPlan,
    /// Everything that is stored, each under exactly one policy or under none, with the reason.
    pub coverage: Vec<Covered>,
    /// What is pulled, for which platform.
    pub images: ImagesPlan,
    /// What the host has to hold, and what it is told so that it can.
    pub density: DensityPlan,
    /// Every choice, in the order of the rules' stages and of the declaration.
    pub decisions: Vec<Decision>,
    /// How grave it is what a running host has otherwise, by rule, where the declaration says so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, Level>,
}

impl Plan {
    /// A plan that holds only findings.
    #[must_use]
    pub fn refused(diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            plan_version: PLAN_VERSION,
            diagnostics,
            filesystems: BTreeMap::new(),
            engine: EnginePlan::default(),
            workloads: BTreeMap::new(),
            protection: ProtectionPlan::default(),
            coverage: Vec::new(),
            images: ImagesPlan::default(),
            density: DensityPlan::default(),
            decisions: Vec::new(),
            levels: BTreeMap::new(),
        }
    }

    /// All volumes of all copies, in the order of their names.
    pub fn volumes(&self) -> impl Iterator<Item = (&WorkloadName, &WorkloadPlan, NamedVolume<'_>)> {
        self.workloads.iter().flat_map(|(workload, of)| {
            of.instances.iter().flat_map(move |instance| {
                let volumes = instance.volumes.iter();
                volumes.map(move |(name, planned)| {
                    let volume = NamedVolume {
                        instance,
                        name,
                        planned,
                    };
                    (workload, of, volume)
                })
            })
        })
    }

    /// The runs before which we take groups, by name.
    #[must_use]
    pub fn group_runs(&self) -> BTreeSet<&str> {
        let copies = self.workloads.values().flat_map(|of| &of.instances);
        copies
            .filter_map(|copy| copy.protection.as_ref()?.run.as_deref())
            .collect()
    }

    /// The accounts that own places.
    #[must_use]
    pub fn owners(&self) -> BTreeSet<&UserName> {
        let subvolumes = self.filesystems.values().flat_map(|one| &one.subvolumes);
        let workloads = self.workloads.values();
        subvolumes
            .filter_map(|one| one.owner.as_ref())
            .chain(workloads.filter_map(|one| one.user.as_ref()))
            .collect()
    }

    /// How it is known what each volume holds, by workload and volume.
    #[must_use]
    pub fn class_bases(&self) -> BTreeMap<(&str, &str), ClassBasis<'_>> {
        let about_classes = self.decisions.iter().filter(|of| of.field == "class");
        about_classes
            .filter_map(|decision| match &decision.subject {
                Subject::Volume(workload, volume) => {
                    let basis = ClassBasis::of(decision);
                    Some(((workload.as_str(), volume.as_str()), basis))
                }
                Subject::Filesystem(_)
                | Subject::Host
                | Subject::Engine
                | Subject::Policy(_)
                | Subject::Workload(_) => None,
            })
            .collect()
    }
}

/// How it is known what a volume holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassBasis<'p> {
    /// `declared`, or how sure the inference is: `sure`, `likely`, `doubtful`, `open`.
    pub certainty: &'p str,
    /// What speaks for it; absent where it is declared.
    pub evidence: Option<&'p str>,
}

impl<'p> ClassBasis<'p> {
    fn of(decision: &'p Decision) -> Self {
        if decision.overridden.is_some() {
            return Self {
                certainty: "declared",
                evidence: None,
            };
        }
        let certainty = decision.evidence.get("certainty");
        Self {
            certainty: certainty.map_or("open", |certainty| certainty.as_ref()),
            evidence: Some(&decision.reason),
        }
    }
}
